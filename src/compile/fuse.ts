import type { Shape } from "../tensor/shape.js";
import { isIdentity } from "./access.js";
import {
  type Access,
  accessesOf,
  type AssemblyNode,
  type ContractionNode,
  type ElementwiseNode,
  type Node,
  type ReductionNode,
} from "./node.js";
import { type LaidOutGraph, spaceOf } from "./layout.js";

/** One pass over a space: every element of all nodes, and folds of some of them over the same axes. */
export interface LoopKernel {
  readonly kind: "loop";
  readonly space: Shape;
  readonly lane: number;
  readonly nodes: readonly (ElementwiseNode | ReductionNode)[];
}
/** A matrix product. */
export interface ContractionKernel {
  readonly kind: "contraction";
  readonly nodes: readonly [ContractionNode];
}
export interface AssemblyKernel {
  readonly kind: "assembly";
  readonly nodes: readonly [AssemblyNode];
}
/** What becomes one function of the generated module. */
export type Kernel = LoopKernel | ContractionKernel | AssemblyKernel;

export interface FusedProgram {
  readonly graph: LaidOutGraph;
  /** In no particular order. */
  readonly kernels: readonly Kernel[];
  /** Nodes whose values other kernels or the host read, so that they lie in memory. */
  readonly stored: ReadonlySet<Node>;
}

/** True for values that no kernel computes. */
export const isSource = (node: Node): boolean => ["input", "data", "constant", "iota"].includes(node.kind);

/**
 * Groups nodes into kernels: connected elementwise operations over one space, with the folds of their results. A
 * node's level counts the results in memory that it waits for; only nodes of equal level share a kernel, so that no
 * two kernels wait for each other.
 */
export function fuse(graph: LaidOutGraph): FusedProgram {
  const levels = levelsOf(graph);
  const groups = new Groups(graph.nodes.length);
  const index = new Map(graph.nodes.map((node, i) => [node, i]));
  const join = (node: Node, read: Node) => groups.join(index.get(node)!, index.get(read)!);
  for (const node of graph.nodes)
    if (node.kind === "elementwise")
      for (const access of node.operands)
        if (passes(graph, node, access)) {
          if (levels.get(node) === levels.get(access.node)) join(node, access.node);
        }
  const folded = new Map<number, string>();
  for (const node of graph.nodes) {
    if (node.kind !== "reduction" || !passes(graph, node, node.operand)) continue;
    const group = groups.of(index.get(node.operand.node)!);
    const axes = node.axes.join();
    if ((folded.get(group) ?? axes) !== axes) continue;
    join(node, node.operand.node);
    folded.set(groups.of(group), axes);
  }
  const members = new Map<number, Node[]>();
  graph.nodes.forEach((node, i) => {
    if (isSource(node)) return;
    const group = groups.of(i);
    members.set(group, [...(members.get(group) ?? []), node]);
  });
  const kernels = [...members.values()].map((nodes) => kernelOf(graph, nodes));
  return { graph, kernels, stored: storedNodes(graph, kernels) };
}

/** True when the reader may take the value from a register: the same element, computed in the same order. */
function passes(graph: LaidOutGraph, reader: ElementwiseNode | ReductionNode, { node, map }: Access): boolean {
  return (
    node.kind === "elementwise" &&
    isIdentity(map, spaceOf(reader), node.shape) &&
    graph.lanes.get(reader) === graph.lanes.get(node)
  );
}

function levelsOf(graph: LaidOutGraph): Map<Node, number> {
  const levels = new Map<Node, number>();
  for (const node of graph.nodes) {
    const fusable = node.kind === "elementwise" || node.kind === "reduction";
    const waits = accessesOf(node).map((access) => {
      if (isSource(access.node)) return 0;
      return levels.get(access.node)! + (fusable && passes(graph, node, access) ? 0 : 1);
    });
    levels.set(node, Math.max(0, ...waits));
  }
  return levels;
}

function kernelOf(graph: LaidOutGraph, nodes: readonly Node[]): Kernel {
  const [first] = nodes;
  const node = first!;
  if (node.kind === "contraction") return { kind: "contraction", nodes: [node] };
  if (node.kind === "assembly") return { kind: "assembly", nodes: [node] };
  const list = nodes as readonly (ElementwiseNode | ReductionNode)[];
  return { kind: "loop", space: spaceOf(node), lane: graph.lanes.get(node)!, nodes: list };
}

function storedNodes(graph: LaidOutGraph, kernels: readonly Kernel[]): Set<Node> {
  const stored = new Set<Node>([...graph.updates, ...graph.outputs].map(({ node }) => node));
  for (const kernel of kernels) {
    const own = new Set<Node>(kernel.nodes);
    for (const node of kernel.nodes)
      for (const access of accessesOf(node))
        if (!own.has(access.node) && !isSource(access.node)) stored.add(access.node);
    for (const node of kernel.nodes) if (node.kind !== "elementwise") stored.add(node);
  }
  return stored;
}

/** Disjoint sets of integers. */
class Groups {
  private readonly parent: number[];

  constructor(size: number) {
    this.parent = Array.from({ length: size }, (_, i) => i);
  }
  of(item: number): number {
    while (this.parent[item] !== item) item = this.parent[item] = this.parent[this.parent[item]!]!;
    return item;
  }
  join(a: number, b: number): void {
    this.parent[this.of(a)] = this.of(b);
  }
}
