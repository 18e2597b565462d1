import { type Shape, sizeOf } from "../tensor/shape.js";
import { isIdentity } from "./access.js";
import { type LaidOutGraph } from "./layout.js";
import { spaceOf } from "./node.js";
import { assignLevels, type Levels, passes } from "./levels.js";
import { readInPieces } from "./pieces.js";
import { rowSumsIn } from "./row-sums.js";
import {
  accessesOf,
  type AssemblyNode,
  type ContractionNode,
  type ElementwiseNode,
  type GatherNode,
  isSource,
  type Node,
  type ReductionNode,
  type ScanNode,
  type ScatterNode,
} from "./node.js";

/** One pass over a space: every element of all nodes, and folds of some of them over the same axes. */
export interface LoopKernel {
  readonly kind: "loop";
  readonly space: Shape;
  readonly lane: number;
  readonly nodes: readonly LoopNode[];
}
/** What a loop computes: assemblies are read in pieces. */
export type LoopNode = ElementwiseNode | ReductionNode | AssemblyNode;
/**
 * A matrix product, and elementwise operations on its elements before they leave the registers; or, where its lanes run along the
 * summed axis, sums of the rows that it reads.
 */
export interface ContractionKernel {
  readonly kind: "contraction";
  readonly contraction: ContractionNode;
  readonly epilogue: readonly ElementwiseNode[];
  readonly rowSums?: ReductionNode | undefined;
  readonly nodes: readonly Node[];
}
export interface AssemblyKernel {
  readonly kind: "assembly";
  readonly nodes: readonly [AssemblyNode];
}
/** Elements found, or put, by the values of index tensors. */
export interface IndexedKernel {
  readonly kind: "indexed";
  readonly nodes: readonly [GatherNode | ScatterNode];
}
/** A loop, and what is left of it. */
export interface ScanKernel {
  readonly kind: "scan";
  readonly scan: ScanNode;
  readonly nodes: readonly Node[];
}
/** What becomes one function of the generated module. */
export type Kernel = LoopKernel | ContractionKernel | AssemblyKernel | IndexedKernel | ScanKernel;

export interface FusedProgram {
  readonly graph: LaidOutGraph;
  /** In no particular order. */
  readonly kernels: readonly Kernel[];
  /** Nodes whose values other kernels or the host read, so that they lie in memory. */
  readonly stored: ReadonlySet<Node>;
}

/**
 * Groups nodes into kernels: connected elementwise operations over one space, with the folds of their results; matrix
 * products, with what follows in their registers.
 */
export function fuse(graph: LaidOutGraph): FusedProgram {
  const pieces = readInPieces(graph);
  const kernels = groupsOf(graph, pieces).map((nodes) => kernelOf(graph, nodes));
  return { graph, kernels, stored: storedNodes(graph, kernels) };
}

function groupsOf(graph: LaidOutGraph, pieces: ReadonlySet<Node>): Node[][] {
  const levels = assignLevels(graph, pieces);
  const groups = new Groups(graph.nodes);
  for (const node of graph.nodes) {
    const owner = levels.owner(node);
    if (owner) groups.join(node, owner);
    else if (node.kind === "result") groups.join(node, node.scan.node);
    else if (node.kind === "elementwise")
      for (const access of node.operands) {
        const computed = access.node.kind === "elementwise" || pieces.has(access.node);
        const inRegister = computed && levels.level(access.node) === levels.level(node);
        if (inRegister && passes(graph, node, access)) groups.join(node, access.node);
      }
  }
  joinFolds(graph, levels, groups);
  for (const [sum, product] of rowSumsIn(graph, levels)) if (groups.of(sum) === sum) groups.join(sum, product);
  if (!graph.target.vectors && graph.blockedLength === 0) joinReaders(graph, levels, groups);
  return groups.all().filter(([node]) => !isSource(node!));
}

/** Folds run in the loop that computes what they fold, if no other one there folds other axes. */
function joinFolds(graph: LaidOutGraph, levels: Levels, groups: Groups): void {
  const folded = new Map<Node, string>();
  for (const node of graph.nodes) {
    if (node.kind !== "reduction") continue;
    const { node: read } = node.operand;
    const inRegister = read.kind === "elementwise" && !levels.owner(read) && levels.level(read) === levels.level(node);
    // A sum over the batch would keep what it sums from being computed block by block.
    const acrossBlocks = node.axes.includes(graph.blockedAxis.get(node)!);
    if (!inRegister || acrossBlocks || !passes(graph, node, node.operand)) continue;
    const axes = node.axes.join();
    if ((folded.get(groups.of(read)) ?? axes) !== axes) continue;
    groups.join(node, read);
    folded.set(groups.of(read), axes);
  }
}

/**
 * Threads load what several loops read once, and wait once less: loops of one level, of which none needs what another one
 * computes, run as one where they read the same elements of a value that is as large as their space.
 */
function joinReaders(graph: LaidOutGraph, levels: Levels, groups: Groups): void {
  const readers = new Map<string, Node>();
  const folded = new Map<Node, string>();
  for (const nodes of groups.all()) {
    const [first] = nodes as [Node];
    const own = new Set(nodes);
    const reads = nodes
      .flatMap(accessesOf)
      .filter((access) => !own.has(access.node) && access.node.kind !== "constant");
    const space = spaceOf(first);
    const areLoops = nodes.every(
      (node) => (node.kind === "elementwise" && !levels.owner(node)) || node.kind === "reduction",
    );
    const areOwn = reads.every(({ node, map }) => isIdentity(map, space, node.shape) || sizeOf(node.shape) === 1);
    if (!areLoops || !areOwn) continue;
    const axes = nodes.find((node) => node.kind === "reduction")?.axes.join();
    if (axes !== undefined) folded.set(groups.of(first), axes);
    for (const { node } of reads) {
      if (sizeOf(node.shape) < sizeOf(space) || node.kind === "iota") continue;
      const key = `${node.id} ${levels.level(first)} ${graph.lanes.get(first)!} ${space.join()}`;
      const reader = readers.get(key);
      readers.set(key, reader ?? first);
      if (!reader) continue;
      const [own, theirs] = [first, reader].map((group) => folded.get(groups.of(group)));
      if (own !== undefined && theirs !== undefined && own !== theirs) continue;
      groups.join(first, reader);
      if (own !== undefined) folded.set(groups.of(reader), own);
    }
  }
}

function kernelOf(graph: LaidOutGraph, nodes: readonly Node[]): Kernel {
  const contraction = nodes.find((node) => node.kind === "contraction");
  if (contraction) {
    const epilogue = nodes.filter((node) => node.kind === "elementwise");
    const rowSums = nodes.find((node) => node.kind === "reduction");
    const others = nodes.filter((node) => node !== contraction);
    return { kind: "contraction", contraction, epilogue, rowSums, nodes: [contraction, ...others] };
  }
  const [first] = nodes;
  const node = first!;
  if (node.kind === "scan") return { kind: "scan", scan: node, nodes };
  if (node.kind === "gather" || node.kind === "scatter") return { kind: "indexed", nodes: [node] };
  if (node.kind === "assembly" && nodes.length === 1) return { kind: "assembly", nodes: [node] };
  const list = nodes as readonly LoopNode[];
  return { kind: "loop", space: spaceOf(node), lane: graph.lanes.get(node)!, nodes: list };
}

/** Nodes whose values only lie in memory. */
const ALWAYS_STORED: ReadonlySet<Node["kind"]> = new Set(["reduction", "gather", "scatter", "result"]);

function storedNodes(graph: LaidOutGraph, kernels: readonly Kernel[]): Set<Node> {
  const stored = new Set<Node>([...graph.updates, ...graph.outputs].map(({ node }) => node));
  for (const kernel of kernels) {
    const own = new Set<Node>(kernel.nodes);
    for (const node of kernel.nodes)
      for (const access of accessesOf(node))
        if (!own.has(access.node) && !isSource(access.node)) stored.add(access.node);
    for (const node of kernel.nodes) if (ALWAYS_STORED.has(node.kind) || kernel.kind === "assembly") stored.add(node);
  }
  return stored;
}

/** Disjoint sets of nodes. */
class Groups {
  private readonly parent: Map<Node, Node>;

  constructor(nodes: readonly Node[]) {
    this.parent = new Map(nodes.map((node) => [node, node]));
  }
  /** The node that stands for the set of another one. */
  of(node: Node): Node {
    for (let at = node; ;) {
      const parent = this.parent.get(at)!;
      if (parent === at) return at;
      const next = this.parent.get(parent)!;
      this.parent.set(at, next);
      at = next;
    }
  }
  join(a: Node, b: Node): void {
    this.parent.set(this.of(a), this.of(b));
  }
  /** All sets, their nodes in the order they were given. */
  all(): Node[][] {
    const sets = new Map<Node, Node[]>();
    for (const node of this.parent.keys()) {
      const set = sets.get(this.of(node));
      if (set) set.push(node);
      else sets.set(this.of(node), [node]);
    }
    return [...sets.values()];
  }
}
