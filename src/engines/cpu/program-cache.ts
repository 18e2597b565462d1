import { createHash } from "node:crypto";
import { compileWasm } from "../../compile/wasm.js";
import type { WasmOptions, WasmProgram } from "../../compile/wasm-program.js";
import type { Program } from "../../tensor/program.js";
import { writePrograms } from "../../tensor/program-text.js";

/** Programs to keep; those that were asked for least recently go first. */
const MOST_PROGRAMS = 64;

/** A program in WebAssembly, and the module that V8 made of it: its machine code is shared by whoever runs it. */
export interface CompiledProgram {
  readonly compiled: WasmProgram;
  readonly module: WebAssembly.Module;
}

/**
 * Compiled programs by what they compute. Tracing a function again gives an equal program, so that the second training
 * of a shape starts at once, and in code that V8 has optimised already.
 */
export class ProgramCache {
  private readonly kept = new Map<string, CompiledProgram>();

  /** Compiles a program unless one that computes the same was compiled with the same options. */
  get(program: Program, options: WasmOptions): CompiledProgram {
    const key = keyOf(program, options);
    const found = this.kept.get(key) ?? compile(program, options);
    this.kept.delete(key);
    this.kept.set(key, found);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= MOST_PROGRAMS) break;
      this.kept.delete(oldest);
    }
    return found;
  }
}

function compile(program: Program, options: WasmOptions): CompiledProgram {
  const compiled = compileWasm(program, options);
  return { compiled, module: new WebAssembly.Module(compiled.module) };
}

function keyOf(program: Program, options: WasmOptions): string {
  const hash = createHash("sha256").update(JSON.stringify(options));
  writePrograms([program], (text) => void hash.update(text));
  return hash.digest("base64");
}
