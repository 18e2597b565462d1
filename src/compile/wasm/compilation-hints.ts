import { namedSection, type Pieces, unsigned } from "./assembler.js";

/** Lazy until top-tier code is there, which is begun at once: strategy 3 (two bits), baseline as ever (two), optimised (two). */
const OPTIMIZE_AT_ONCE = 0b10_00_11;

/**
 * Sections that ask V8 to optimise functions as soon as it has the module, on threads of its own, instead of after some
 * milliseconds in each of them. Engines that do not know them pass over them. Up to version 13 V8 reads the first, with a byte
 * for each function; from 14 on the second, that of the WebAssembly proposal "compilation hints", where smaller numbers come first.
 */
export function hintsToOptimize(functions: number): Pieces {
  const numbers = Array.from({ length: functions }, (_, i) => i);
  const hints = numbers.map(() => [OPTIMIZE_AT_ONCE]);
  // The function, and its one hint: for the whole of it, two bytes long, priorities of compiling and of optimising it.
  const priorities = numbers.map((i) => [...unsigned(i), 0, 2, 0, 0]);
  return [
    ...namedSection("compilationHints", [unsigned(functions), ...hints]),
    ...namedSection("metadata.code.compilation_priority", [unsigned(functions), ...priorities]),
  ];
}
