import type { Program } from "../tensor/program.js";
import { buildGraph } from "./graph.js";
import type { Graph } from "./node.js";
import { planGraph, type ProgramPlan } from "./plan.js";
import { dataOf, slotsOf } from "./slots.js";
import { WORKGROUP } from "./target.js";
import { expectedCycles } from "./wgsl/multiprocessor.js";
import { emitShader, type Shader } from "./wgsl/shader.js";
import type { WgslOptions, WgslProgram } from "./wgsl-program.js";

/** Samples of a batch that a workgroup may work off at a time. */
const BLOCKS = [64, 32, 16];
/** Fewer threads have larger tiles of matrix products, and load less; too few do not keep a multiprocessor busy. */
const FEWEST_THREADS = 128;
/** Bytes of workgroup memory of which a multiprocessor has room for five members, for eight, and for twelve. */
const SHARES_OF_MEMORY = [45056, 24576, 18432];
/** A share that is nearer to all that there is makes no difference. */
const WORTH_A_TRY = 0.9;

/** Compiles one step of a program to a compute shader of which every workgroup advances a member by many steps. */
export function compileWgsl(program: Program, options: WgslOptions): WgslProgram {
  const { plan, shader } = best(buildGraph(program), options);
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

/** The shader that is done first, of those that work off the batch all together or in blocks, with much memory or little. */
function best(graph: Graph, options: WgslOptions): Candidate {
  const undivided = compileFor(graph, 0, options)[0]!;
  if (options.block !== undefined) return compileFor(graph, options.block, options)[0] ?? undivided;
  const { arenaBytes, setAsideBytes } = undivided.shader;
  const frugal = SHARES_OF_MEMORY.filter((bytes) => bytes < WORTH_A_TRY * options.workgroupBytes);
  if (arenaBytes === 0 && frugal.every((bytes) => setAsideBytes <= bytes)) return undivided;
  const choices = [options.workgroupBytes, ...frugal].map((bytes) => ({ ...options, workgroupBytes: bytes }));
  const fewer = choices.map((choice) => ({ ...choice, threads: Math.min(options.threads, FEWEST_THREADS) }));
  const others = [
    ...compileFor(graph, 0, ...choices.slice(1)),
    ...BLOCKS.flatMap((block) => compileFor(graph, block, ...fewer)),
  ];
  return others.reduce((a, b) => (expectedCycles(b.shader) < expectedCycles(a.shader) ? b : a), undivided);
}

/** One for each choice; none where a batch cannot be divided so, or a block of it does not fit the workgroup's memory. */
function compileFor(graph: Graph, block: number, ...choices: readonly WgslOptions[]): Candidate[] {
  const groups = choices[0]?.storage === "float16" ? "halves" : "quads";
  const plan = planGraph(graph, { vectorAxis: "elements" }, { ...WORKGROUP, block, groups });
  if (block > 0 && plan.fused.graph.blockedLength === 0) return [];
  return choices.flatMap((options) => {
    const shader = emitShader(plan, options);
    return shader ? [{ plan, shader }] : [];
  });
}
