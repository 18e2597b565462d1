import type { Program } from "../tensor/program.js";
import { planProgram, type ProgramPlan } from "./plan.js";
import { dataOf, slotsOf } from "./slots.js";
import { WORKGROUP } from "./target.js";
import { emitShader, type Shader } from "./wgsl/shader.js";
import type { StepWork, WgslOptions, WgslProgram } from "./wgsl-program.js";

/** Samples of a batch that a workgroup may work off at a time. */
const BLOCKS = [64, 32, 16];
/** Fewer threads have larger tiles of matrix products, and load less; too few do not keep a multiprocessor busy. */
const FEWEST_THREADS = 128;
/**
 * Words that a multiprocessor of a data-centre GPU moves in a cycle, from its second cache and from workgroup memory, and
 * cycles that a barrier takes from the members that share it: estimates, to choose between shaders.
 */
const STORAGE_WORDS_PER_CYCLE = 10;
const WORKGROUP_WORDS_PER_CYCLE = 32;
const CYCLES_OF_A_BARRIER = 30;

/** Compiles one step of a program to a compute shader of which every workgroup advances a member by many steps. */
export function compileWgsl(program: Program, options: WgslOptions): WgslProgram {
  const { plan, shader } = best(program, options);
  const { memberBytes, stateBytes, sharedBytes } = plan.memory;
  const { blockedLength, target } = plan.fused.graph;
  return {
    ...shader,
    memberBytes,
    stateBytes,
    sharedBytes,
    constants: dataOf(plan, plan.memory),
    ...slotsOf(plan),
    flopsPerStep: plan.flopsPerStep,
    block: blockedLength > 0 ? target.block : 0,
  };
}

interface Candidate {
  readonly plan: ProgramPlan;
  readonly shader: Shader;
}

/** The shader that moves least, of those that work off the batch all together or in blocks. */
function best(program: Program, options: WgslOptions): Candidate {
  const undivided = compileFor(program, 0, options)[0]!;
  if (options.block !== undefined) return compileFor(program, options.block, options)[0] ?? undivided;
  if (undivided.shader.arenaBytes === 0) return undivided;
  const fewer = { ...options, threads: Math.min(options.threads, FEWEST_THREADS) };
  const divided = BLOCKS.flatMap((block) => compileFor(program, block, options, fewer));
  return [undivided, ...divided].reduce((a, b) => (cyclesOf(b.shader.work) < cyclesOf(a.shader.work) ? b : a));
}

/** One for each choice; none where a batch cannot be divided so, or a block of it does not fit the workgroup's memory. */
function compileFor(program: Program, block: number, ...choices: readonly WgslOptions[]): Candidate[] {
  const plan = planProgram(program, { vectorAxis: "elements" }, { ...WORKGROUP, block });
  if (block > 0 && plan.fused.graph.blockedLength === 0) return [];
  return choices.flatMap((options) => {
    const shader = emitShader(plan, options);
    return shader ? [{ plan, shader }] : [];
  });
}

const cyclesOf = ({ storageBytes, workgroupBytes, barriers }: StepWork): number =>
  storageBytes / 4 / STORAGE_WORDS_PER_CYCLE +
  workgroupBytes / 4 / WORKGROUP_WORDS_PER_CYCLE +
  barriers * CYCLES_OF_A_BARRIER;
