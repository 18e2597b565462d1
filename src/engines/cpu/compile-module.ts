import { compileWasm } from "../../compile/wasm.js";
import type { WasmOptions, WasmProgram } from "../../compile/wasm-program.js";
import type { Program } from "../../tensor/program.js";

/** A program in WebAssembly, and the module that V8 made of it: its machine code is shared by whoever runs it. */
export interface CompiledModule {
  readonly compiled: WasmProgram;
  readonly module: WebAssembly.Module;
}

export function compileModule(program: Program, options: WasmOptions): CompiledModule {
  const compiled = compileWasm(program, options);
  return { compiled, module: new WebAssembly.Module(compiled.module) };
}
