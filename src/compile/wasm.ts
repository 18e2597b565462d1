import type { Program } from "../tensor/program.js";
import { planProgram } from "./plan.js";
import { dataOf, slotsOf } from "./slots.js";
import { ConstantTable } from "./wasm/constant-table.js";
import { emitModule, emitWideModule } from "./wasm/module.js";
import type { WasmOptions, WasmProgram } from "./wasm-program.js";

/** Compiles one step of a program to a WebAssembly module with 128-bit vectors, and lays out its memory. */
export function compileWasm(program: Program, options: WasmOptions = {}): WasmProgram {
  const plan = planProgram(program, options);
  const { memberBytes, stateBytes, arenaBytes, sharedBytes } = plan.memory;
  const table = new ConstantTable(sharedBytes);
  const emitted = plan.wide ? emitWideModule(plan, options, table) : { module: emitModule(plan, options, table) };
  return {
    ...emitted,
    pack: plan.pack,
    memberBytes,
    stateBytes,
    arenaBytes,
    sharedBytes: sharedBytes + table.bytes,
    constants: [...dataOf(plan, plan.memory), { offset: table.start, data: table.data() }],
    ...slotsOf(plan),
    flopsPerStep: plan.flopsPerStep,
  };
}
