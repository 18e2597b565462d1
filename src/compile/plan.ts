import type { Program } from "../tensor/program.js";
import { sizeOf } from "../tensor/shape.js";
import { fuse } from "./fuse.js";
import { buildGraph } from "./graph.js";
import { keepHalves } from "./halves.js";
import { sinkIndices } from "./index-sinking.js";
import { overwrittenOperands } from "./in-place.js";
import { layOut } from "./layout.js";
import { planMemory } from "./memory.js";
import type { MemoryPlan } from "./memory-plan.js";
import type { Graph, Node } from "./node.js";
import { overwrittenBases } from "./overwritten.js";
import { packMembers } from "./pack.js";
import { keepQuads } from "./quads.js";
import { schedule } from "./schedule.js";
import type { StagedProgram } from "./staged-program.js";
import { CORE, type Target } from "./target.js";
import { type AxisChoice, chooseVectorAxis } from "./vector-axis.js";
import { LANES } from "./vectors.js";
import type { PlanOptions } from "./wasm-program.js";

/** What the passes decided about a program, before any code is generated. */
export interface ProgramPlan extends StagedProgram {
  readonly vectors: AxisChoice;
  /** Members that are computed side by side. */
  readonly pack: number;
  /** Whether threads share a member's kernels. */
  readonly wide: boolean;
  readonly memory: MemoryPlan;
  /** Multiply-adds count two; matrix products only. */
  readonly flopsPerStep: number;
}

/** Runs all passes that do not depend on the engine's instructions, for the machine that it has. */
export function planProgram(program: Program, options?: PlanOptions, target?: Target): ProgramPlan {
  return planGraph(buildGraph(program), options, target);
}

/** The same for a program whose graph is known already. */
export function planGraph(
  graph: Graph,
  { vectorAxis, lanes = LANES, wide: wanted = false }: PlanOptions = {},
  target: Target = CORE,
): ProgramPlan {
  const vectors = vectorAxis ? { axis: vectorAxis, reason: "as asked for" } : chooseVectorAxis(graph);
  const pack = vectors.axis === "members" ? lanes : 1;
  const staged = arrangeStages(pack > 1 ? packMembers(graph, pack) : graph, target);
  const wide = wanted && pack === 1;
  return { ...staged, vectors, pack, wide, memory: planMemory(staged, wide), flopsPerStep: flopsOf(staged) / pack };
}

/** Bodies of loops come first: whoever hands values to a loop lays them out as it wants them. */
function arrangeStages(given: Graph, target: Target): StagedProgram {
  const graph = target.vectors ? given : sinkIndices(given);
  const scans = graph.nodes.filter((node) => node.kind === "scan");
  // What lives within a block has its place for the time of a stage of the program, not of a loop's body.
  const ofBodies: Target = target.vectors ? target : { ...target, block: 0, groups: "none" };
  const bodies = new Map(scans.map(({ body }) => [body, arrangeStages(body, ofBodies)]));
  const layouts = new Map(Array.from(bodies, ([body, staged]) => [body, staged.fused.graph]));
  const fused = keepQuads(keepHalves(fuse(layOut(graph, layouts, target))));
  const order = schedule(fused);
  const overwritten = {
    bases: overwrittenBases(order.stages, fused.graph.layouts),
    operands: target.vectors ? new Map<Node, Node>() : overwrittenOperands(fused, order),
  };
  return { fused, schedule: order, bodies, overwritten };
}

function flopsOf({ fused, bodies }: StagedProgram): number {
  return fused.graph.nodes.reduce((sum, node) => {
    if (node.kind === "scan") return sum + node.length * flopsOf(bodies.get(node.body)!);
    return node.kind === "contraction" ? sum + 2 * sizeOf(node.space) : sum;
  }, 0);
}
