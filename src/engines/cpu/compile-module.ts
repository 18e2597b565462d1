import { setFlagsFromString } from "node:v8";
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
  return { compiled, module: options.brief ? new WebAssembly.Module(compiled.module) : optimized(compiled.module) };
}

/** A module of which V8 begins to optimise all functions at once, on threads of its own: hints count where not all wait for a call. */
function optimized(bytes: Uint8Array): WebAssembly.Module {
  setFlagsFromString("--no-wasm-lazy-compilation");
  try {
    return new WebAssembly.Module(bytes);
  } finally {
    setFlagsFromString("--wasm-lazy-compilation");
  }
}
