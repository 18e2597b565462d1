import type { Program } from "../tensor/program.js";
import { buildGraph } from "./graph.js";
import type { Graph } from "./node.js";
import { planGraph, type ProgramPlan } from "./plan.js";
import { dataOf, slotsOf } from "./slots.js";
import { WORKGROUP } from "./target.js";
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

/**
 * A multiprocessor of a data-centre GPU: words that it moves in a cycle, from its second cache and from workgroup memory,
 * cycles that a barrier takes, and what all members have together that it works on. With few warps it waits for memory, with few
 * members for barriers: how much longer a step then takes, {@link WAITING} says, fitted to 30 shaders on an NVIDIA H200.
 */
const STORAGE_WORDS_PER_CYCLE = 10;
const WORKGROUP_WORDS_PER_CYCLE = 32;
const CYCLES_OF_A_BARRIER = 30;
const MULTIPROCESSOR = { bytes: 232448, bytesBeside: 1024, threads: 2048, members: 32 };
const WAITING = { warps: 22, members: 2 };
/** Members that a multiprocessor has of an ensemble of a thousand: if it holds fewer at a time, some wait for a second turn. */
const MEMBERS_OF_AN_ENSEMBLE = 8;
const WARP = 32;

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
  const { arenaBytes, workgroupBytes } = undivided.shader;
  const frugal = SHARES_OF_MEMORY.filter((bytes) => bytes < WORTH_A_TRY * options.workgroupBytes);
  if (arenaBytes === 0 && frugal.every((bytes) => workgroupBytes <= bytes)) return undivided;
  const choices = [options.workgroupBytes, ...frugal].map((bytes) => ({ ...options, workgroupBytes: bytes }));
  const fewer = choices.map((choice) => ({ ...choice, threads: Math.min(options.threads, FEWEST_THREADS) }));
  const others = [
    ...compileFor(graph, 0, ...choices.slice(1)),
    ...BLOCKS.flatMap((block) => compileFor(graph, block, ...fewer)),
  ];
  return others.reduce((a, b) => (cyclesOf(b.shader) < cyclesOf(a.shader) ? b : a), undivided);
}

/** One for each choice; none where a batch cannot be divided so, or a block of it does not fit the workgroup's memory. */
function compileFor(graph: Graph, block: number, ...choices: readonly WgslOptions[]): Candidate[] {
  const halves = choices[0]?.storage === "float16";
  const plan = planGraph(graph, { vectorAxis: "elements" }, { ...WORKGROUP, block, halves });
  if (block > 0 && plan.fused.graph.blockedLength === 0) return [];
  return choices.flatMap((options) => {
    const shader = emitShader(plan, options);
    return shader ? [{ plan, shader }] : [];
  });
}

/** Cycles of a step, of which each multiprocessor has so many for each of its members. */
function cyclesOf({ work: { storageBytes, workgroupBytes, barriers }, ...shader }: Shader): number {
  const cycles =
    storageBytes / 4 / STORAGE_WORDS_PER_CYCLE +
    workgroupBytes / 4 / WORKGROUP_WORDS_PER_CYCLE +
    barriers * CYCLES_OF_A_BARRIER;
  const members = membersAtATime(shader);
  const warps = (members * shader.threads) / WARP;
  return cycles * (1 + WAITING.warps / warps + WAITING.members / members);
}

/** Members that share a multiprocessor, on average over the turns of an ensemble. */
function membersAtATime({ workgroupBytes, threads }: Pick<Shader, "workgroupBytes" | "threads">): number {
  const { bytes, bytesBeside, ...most } = MULTIPROCESSOR;
  const room = Math.floor(bytes / (workgroupBytes + bytesBeside));
  const held = Math.max(1, Math.min(room, Math.floor(most.threads / threads), most.members));
  return held < MEMBERS_OF_AN_ENSEMBLE ? MEMBERS_OF_AN_ENSEMBLE / Math.ceil(MEMBERS_OF_AN_ENSEMBLE / held) : held;
}
