import type { Program } from "./program.js";
import { Tensor } from "./tensor.js";

/**
 * Writes what programs compute, piece by piece: the same text for programs that are built alike, in any process, and
 * another one for any others. What only differentiation looks at is left out.
 */
export function writePrograms(programs: readonly Program[], write: (text: string) => void): void {
  const writer = new ProgramWriter(write);
  for (const { inputs, updates, outputs } of programs) {
    for (const { name, scope, tensor } of inputs) writer.entry("input", name, scope, writer.number(tensor));
    for (const { input, value } of updates) writer.entry("update", input, writer.number(value));
    for (const { name, value } of outputs) writer.entry("output", name, writer.number(value));
  }
}

/** Writes tensors, each once, in the order in which they are met, and refers to them by number. */
class ProgramWriter {
  private readonly numbers = new Map<Tensor, number>();

  constructor(private readonly write: (text: string) => void) {}

  entry(...fields: readonly unknown[]): void {
    this.write(`${JSON.stringify(fields)}\n`);
  }

  number(root: Tensor): number {
    const stack = [root];
    while (stack.length > 0) {
      const tensor = stack[stack.length - 1]!;
      const missing = this.numbers.has(tensor) ? [] : tensor.inputs.filter((input) => !this.numbers.has(input));
      if (missing.length > 0) stack.push(...missing);
      else {
        stack.pop();
        this.writeTensor(tensor);
      }
    }
    return this.numbers.get(root)!;
  }

  private writeTensor(tensor: Tensor): void {
    if (this.numbers.has(tensor)) return;
    const { call, dtype, shape, inputs } = tensor;
    const from = inputs.map((input) => this.numbers.get(input)!);
    this.entry(call.name, this.plain(call.attributes), dtype, shape, from);
    this.numbers.set(tensor, this.numbers.size);
  }

  /** Attributes as JSON can hold them: tensors by number, numbers with their sign and without loss. */
  private plain(value: unknown): unknown {
    if (value instanceof Tensor) return { tensor: this.number(value) };
    if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
    if (ArrayBuffer.isView(value)) return this.plain(Array.from(value as Float64Array));
    if (Array.isArray(value)) return value.map((element) => this.plain(element));
    if (typeof value !== "object" || value === null) return value;
    return Object.entries(value).map(([key, child]) => [key, this.plain(child)]);
  }
}
