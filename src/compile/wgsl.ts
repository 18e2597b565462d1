import type { Program } from "../tensor/program.js";
import { planProgram } from "./plan.js";
import { dataOf, slotsOf } from "./slots.js";
import { WORKGROUP } from "./target.js";
import { emitShader } from "./wgsl/shader.js";
import type { WgslOptions, WgslProgram } from "./wgsl-program.js";

/** Compiles one step of a program to a compute shader of which every workgroup advances a member by many steps. */
export function compileWgsl(program: Program, options: WgslOptions): WgslProgram {
  const plan = planProgram(program, { vectorAxis: "elements" }, WORKGROUP);
  const { memberBytes, stateBytes, sharedBytes } = plan.memory;
  return {
    ...emitShader(plan, options),
    memberBytes,
    stateBytes,
    sharedBytes,
    constants: dataOf(plan, plan.memory),
    ...slotsOf(plan),
    flopsPerStep: plan.flopsPerStep,
  };
}
