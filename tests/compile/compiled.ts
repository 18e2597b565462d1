import v8 from "node:v8";
import { compileWasm } from "../../src/compile/wasm.js";
import type { Slot } from "../../src/compile/slots.js";
import type { WasmOptions, WasmProgram } from "../../src/compile/wasm-program.js";
import type { Program } from "../../src/tensor/program.js";
import { sizeOf } from "../../src/tensor/shape.js";

if (process.version.startsWith("v20.")) v8.setFlagsFromString("--experimental-wasm-relaxed-simd");

const PAGE = 65536;

type Run = (member: number, arena: number, shared: number, steps: number) => void;

/** A compiled program in memory of its own: one member, or a pack of members of which any can be written and read. */
export class Compiled {
  readonly program: WasmProgram;
  private readonly memory: WebAssembly.Memory;
  private readonly runSteps: Run;
  private readonly base: { member: number; arena: number; shared: number };

  constructor(program: Program, options: WasmOptions = {}) {
    const wasm = (this.program = compileWasm(program, options));
    const align = (bytes: number) => Math.ceil(bytes / 64) * 64;
    // The arena is last, so that a read beyond its end traps.
    const shared = 64;
    const member = shared + align(wasm.sharedBytes);
    const arena = member + align(wasm.memberBytes);
    const pages = Math.ceil((arena + wasm.arenaBytes) / PAGE);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.memory = memory;
    this.base = { member, arena: Math.floor((pages * PAGE - wasm.arenaBytes) / 64) * 64, shared };
    // Whatever was in the arena before must not matter.
    new Float32Array(memory.buffer).fill(NaN, arena / 4);
    for (const { offset, data } of wasm.constants) new Uint8Array(memory.buffer).set(data, shared + offset);
    const module = new WebAssembly.Module(new Uint8Array(wasm.module));
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    this.runSteps = instance.exports["run"] as Run;
  }

  /** Writes an input of one member; default: of all. */
  write(name: string, values: ArrayLike<number>, member?: number): this {
    const slot = this.program.inputs.get(name)!;
    if (member === undefined && slot.region === "member") {
      for (let each = 0; each < this.program.pack; each++) this.write(name, values, each);
      return this;
    }
    const view = this.view(slot, member);
    this.forEach(slot, (at, i) => (view[at] = values[i]!));
    return this;
  }

  read(name: string, member = 0): number[] {
    const slot = (this.program.outputs.get(name) ?? this.program.inputs.get(name))!;
    const view = this.view(slot, slot.region === "member" ? member : 0);
    const values: number[] = [];
    this.forEach(slot, (at) => values.push(view[at]!));
    return values;
  }

  run(steps = 1): this {
    this.runSteps(this.base.member, this.base.arena, this.base.shared, steps);
    return this;
  }

  private view({ region, offset, dtype }: Slot, member = 0) {
    const { buffer } = this.memory;
    const at = this.base[region] + offset + 4 * member;
    if (dtype === "f32") return new Float32Array(buffer, at);
    return dtype === "u32" ? new Uint32Array(buffer, at) : new Int32Array(buffer, at);
  }

  private forEach({ shape, strides }: Slot, visit: (at: number, i: number) => void): void {
    for (let i = 0; i < sizeOf(shape); i++) {
      let at = 0;
      for (let axis = shape.length - 1, rest = i; axis >= 0; axis--) {
        at += (rest % shape[axis]!) * strides[axis]!;
        rest = Math.floor(rest / shape[axis]!);
      }
      visit(at, i);
    }
  }
}
