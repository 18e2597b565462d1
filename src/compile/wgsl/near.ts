import { sizeOf } from "../../tensor/shape.js";
import type { Kernel } from "../fuse.js";
import { largest } from "../largest.js";
import { planMemory } from "../memory.js";
import type { MemoryPlan } from "../memory-plan.js";
import { accessesOf, type Node, spaceOf } from "../node.js";
import type { ProgramPlan } from "../plan.js";
import type { StagedProgram } from "../staged-program.js";

/** Elements of a tile by which a matrix product loads an operand's element less often than it multiplies with it. */
const REUSE = 4;
/** What is written and read once may take this share of the memory: the rest is left to a second group of threads. */
const SHARE_OF_SELDOM_READ = 0.5;
const SELDOM = 2;

interface Candidate {
  readonly node: Node;
  readonly bytes: number;
  /** How often one of its elements is loaded or stored in a step. */
  readonly accesses: number;
}

/**
 * Places values in the memory that a workgroup's threads share, as far as it has room: those first that are used most often
 * for their size, parameters before activations and these before an optimizer's moments. The rest stays in storage.
 */
export function placeNear(plan: ProgramPlan, capacity: number): MemoryPlan {
  const candidates = candidatesOf(plan);
  const seldom = SHARE_OF_SELDOM_READ * capacity;
  const withAll = planMemory(plan, false, new Set(candidates.map(({ node }) => node)));
  if (bytesNear(withAll) <= capacity) return withAll;
  const near = new Set<Node>();
  let best = planMemory(plan, false, near);
  for (const { node, bytes, accesses } of candidates) {
    const room = accesses > SELDOM ? capacity : seldom;
    if (bytes > room) continue;
    const tried = planMemory(plan, false, new Set(near).add(node));
    if (bytesNear(tried) > room) continue;
    near.add(node);
    best = tried;
  }
  return best;
}

export const bytesNear = ({ nearBytes, quadBytes }: MemoryPlan): number => nearBytes + quadBytes;

/** Whatever may lie near the threads, the most often used first. */
function candidatesOf(plan: ProgramPlan): Candidate[] {
  const { graph, kernels } = plan.fused;
  const { placements } = plan.memory;
  const uses = usesOf(kernels, plan);
  const values = graph.nodes.flatMap((node): Candidate[] => {
    if (node.kind === "scan") return [scanCandidate(node, plan)];
    const region = placements.get(node)?.region;
    const mayMove = region === "arena" || node.kind === "input";
    const { size } = graph.layouts.get(node)!;
    return mayMove ? [{ node, bytes: 4 * size, accesses: (uses.get(node) ?? 0) / sizeOf(node.shape) }] : [];
  });
  return values.filter(({ accesses }) => accesses > 0).sort((a, b) => b.accesses - a.accesses);
}

/** Loads and stores of each node's elements in a step. */
function usesOf(kernels: readonly Kernel[], { fused: { stored, graph } }: ProgramPlan): Map<Node, number> {
  const uses = new Map<Node, number>();
  const use = (node: Node, times: number): void => void uses.set(node, (uses.get(node) ?? 0) + times);
  const inputs = new Map(graph.nodes.flatMap((node) => (node.kind === "input" ? [[node.name, node] as const] : [])));
  for (const { input, node } of graph.updates) use(inputs.get(input)!, sizeOf(node.shape));
  for (const kernel of kernels) {
    const own = new Set<Node>(kernel.nodes);
    for (const node of kernel.nodes) {
      if (stored.has(node)) use(node, sizeOf(node.shape));
      for (const { node: read } of accessesOf(node)) if (!own.has(read)) use(read, loadsOf(node, read));
    }
  }
  return uses;
}

function loadsOf(reader: Node, read: Node): number {
  if (reader.kind === "contraction") return sizeOf(reader.space) / REUSE;
  if (reader.kind === "scan") return reader.length * sizeOf(read.shape);
  return sizeOf(spaceOf(reader));
}

/** All that a loop's body keeps in the arena, written and read in each iteration. */
function scanCandidate(scan: Node & { kind: "scan" }, plan: ProgramPlan): Candidate {
  return { node: scan, bytes: bytesOf(plan.bodies.get(scan.body)!), accesses: SELDOM * scan.length };
}

/** At least as much as its largest value. */
const bytesOf = ({ fused: { graph, stored } }: StagedProgram): number =>
  largest(Array.from(stored, (node) => 4 * graph.layouts.get(node)!.size));
