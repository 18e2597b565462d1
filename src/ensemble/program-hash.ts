import { Digest } from "../storage/index.js";
import { type Program, Tensor } from "../tensor/index.js";

/** SHA-256, in hexadecimal, of what programs compute: equal for programs that are built alike, in any process. */
export function hashPrograms(programs: readonly Program[]): string {
  const writer = new ProgramWriter();
  for (const { inputs, updates, outputs } of programs) {
    for (const { name, scope, tensor } of inputs) writer.entry("input", name, scope, writer.number(tensor));
    for (const { input, value } of updates) writer.entry("update", input, writer.number(value));
    for (const { name, value } of outputs) writer.entry("output", name, writer.number(value));
  }
  return writer.digest.hexadecimal;
}

/** SHA-256 of named arrays, in the given order. */
export function hashArrays(
  arrays: Iterable<readonly [name: string, shape: readonly number[], data: ArrayLike<number>]>,
): string {
  const digest = new Digest();
  for (const [name, shape, data] of arrays) digest.add(JSON.stringify([name, shape])).add(Float64Array.from(data));
  return digest.hexadecimal;
}

/** Writes tensors into a hash, each once, in the order in which they are met, and refers to them by number. */
class ProgramWriter {
  readonly digest = new Digest();
  private readonly numbers = new Map<Tensor, number>();

  entry(...fields: readonly unknown[]): void {
    this.digest.add(`${JSON.stringify(fields)}\n`);
  }

  number(root: Tensor): number {
    const stack = [root];
    while (stack.length > 0) {
      const tensor = stack[stack.length - 1]!;
      const missing = this.numbers.has(tensor) ? [] : tensor.inputs.filter((input) => !this.numbers.has(input));
      if (missing.length > 0) stack.push(...missing);
      else {
        stack.pop();
        this.write(tensor);
      }
    }
    return this.numbers.get(root)!;
  }

  private write(tensor: Tensor): void {
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
