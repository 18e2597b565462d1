import type { LoopMemory, Swap } from "../memory-plan.js";
import type { ScanNode } from "../node.js";
import type { Placement } from "../wasm/kernel-context.js";
import type { Calls } from "./calls.js";
import { addressSpaceOf, BARRIERS } from "./hazards.js";
import { type KernelContext, type KeptPart, THREAD } from "./kernel-shader.js";
import { emitMove } from "./kept-carry.js";
import { windowVariable } from "./shader-memory.js";

type Context = Pick<KernelContext, "code" | "memory" | "threads">;

interface EmittedLoop {
  readonly loop: LoopMemory;
  /** The variable with the number of the iteration. */
  readonly turn: string;
  readonly body: Calls;
  /** Parts of the carry that threads keep in registers. */
  readonly kept: readonly KeptPart[];
}

/** Emits what a loop's function does around the calls of its body; returns how many barriers its threads come to. */
export function emitTurns(scan: ScanNode, { loop, turn, body, kept }: EmittedLoop, context: Context): number {
  const { code, memory } = context;
  const { swaps } = loop;
  for (const { number, buffer } of swaps.flatMap(({ read, written }) => [read, written]))
    code.add(`${windowVariable(number)} = ${memory.firstWord(buffer)};`);
  for (const part of kept) emitMove(part, "in", context);
  emitIterations(scan, { loop, turn, body }, context);
  for (const part of kept) if (!part.inMemory) emitMove(part, "out", context);
  const broughtBack = scan.length % 2 > 0 ? swaps : [];
  for (const swap of broughtBack) bringBack(swap, context);
  return scan.length * body.barriers + broughtBack.length;
}

/** Each iteration sets its number, moves the windows on, and runs the body. */
function emitIterations(
  { length, reverse }: ScanNode,
  { loop: { windows, swaps, goesOn }, turn, body }: Omit<EmittedLoop, "kept">,
  context: Context,
): void {
  const { code, memory } = context;
  code.block(`for (var i = 0u; i < ${length}u; i++)`, () => {
    code.add(`${turn} = ${reverse ? `${length - 1}u - i` : "i"};`);
    for (const { number, stack, bytesOfSlice } of windows)
      code.add(`${windowVariable(number)} = ${memory.firstWord(stack)} + ${turn} * ${bytesOfSlice / 4}u;`);
    code.add(...body.lines);
    for (const { read, written } of swaps) {
      const [present, next] = [windowVariable(read.number), windowVariable(written.number)];
      const held = `shown${read.number}`;
      code.add(`let ${held} = ${present};`, `${present} = ${next};`, `${next} = ${held};`);
    }
    if (goesOn) leaveUnless(goesOn, context);
  });
}

/** Leaves a loop where a truth value is false: one thread reads it for all, because they have to leave together. */
function leaveUnless(placement: Placement, { code, memory }: Context): void {
  const word = memory.element(placement, { start: placement.offset / 4, steps: [] }, new Map());
  code.add(`if (${THREAD} == 0u) { goes_on = ${word}; }`, "if (workgroupUniformLoad(&goes_on) == 0u) { break; }");
}

/** Copies a part of the carry from the buffer that an odd number of swaps leaves it in. */
function bringBack({ read: { buffer }, written, bytes }: Swap, context: Context): void {
  const { array } = context.memory.base(buffer);
  const [to, from] = [buffer, written.buffer].map((placement) => context.memory.firstWord(placement));
  copyRange(`${array}[${to} + n]`, `${array}[${from} + n]`, bytes, context);
  context.code.add(BARRIERS[addressSpaceOf(array)]);
}

/** Copies words, which `to` and `from` name by a number `n`: each thread its own. */
export function copyRange(to: string, from: string, bytes: number, { code, threads }: Omit<Context, "memory">): void {
  const words = bytes / 4;
  code.repeated(words, () => code.add(`for (var n = ${THREAD}; n < ${words}u; n += ${threads}u) { ${to} = ${from}; }`));
}
