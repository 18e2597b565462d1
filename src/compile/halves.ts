import { sizeOf } from "../tensor/shape.js";
import type { FusedProgram, Kernel } from "./fuse.js";
import { type LaidOutGraph, layoutFor } from "./layout.js";
import { accessesOf, type InputNode, type Node } from "./node.js";

/** Fewer elements are not worth their unpacking. */
const FEWEST = 4;

/**
 * Lets values lie two to a word, where the target wants it: data that all members read, and what a step computes of a batch for
 * later kernels. Both are many, and an error in one of them is one of many. All else keeps 32 bits: parameters and an optimizer's
 * moments add up steps far smaller than themselves, sums over a batch add up many, and integers, random state among them, are exact.
 *
 * What numbers that leave the program depend on, activations, has the 11 bits of float16. What only larger states are computed
 * from has the range of float32, and 8 bits: gradients of a mean are beneath the smallest float16 as a rule.
 */
export function keepHalves(fused: FusedProgram): FusedProgram {
  const { graph, kernels } = fused;
  // A block is worked off in pairs, too.
  if (!graph.target.halves || graph.target.block % 2 > 0) return fused;
  const reported = reportedNodes(graph);
  const fixed = fixedNodes(graph);
  const layouts = new Map(graph.layouts);
  const halve = (node: Node): void => {
    if (fixed.has(node)) return;
    const half = node.kind === "input" || reported.has(node) ? "f16" : "bf16";
    const { lane } = graph.layouts.get(node)!;
    layouts.set(node, layoutFor(graph.target, node.shape, lane, { blocked: -1, compact: true, half }));
  };
  for (const node of graph.nodes) if (isData(node)) halve(node);
  for (const kernel of kernels) for (const node of batchValues(kernel, fused)) halve(node);
  return { ...fused, graph: { ...graph, layouts } };
}

/** Numbers of many that all members read. */
const isData = (node: Node): node is InputNode =>
  node.kind === "input" && node.scope === "shared" && node.dtype === "f32" && sizeOf(node.shape) >= FEWEST;

/** What a kernel stores of a batch, in which its threads can take neighbours in pairs. */
function batchValues(kernel: Kernel, { graph, stored }: FusedProgram): Node[] {
  if (kernel.kind !== "loop" && kernel.kind !== "contraction") return [];
  const lane = kernel.kind === "loop" ? kernel.lane : graph.lanes.get(kernel.contraction)!;
  const nodes: readonly Node[] = kernel.nodes;
  if (nodes.some((node) => node.kind === "reduction")) return [];
  if (kernel.kind === "contraction" && lane < kernel.contraction.space.length - 3) return [];
  return nodes.filter((node) => {
    const length = node.shape[lane]!;
    const isWhole = graph.layouts.get(node)!.lane === lane && graph.batchAxis.get(node) === lane;
    const isOwn = node.kind === "elementwise" || node.kind === "contraction";
    return isOwn && node.dtype === "f32" && stored.has(node) && isWhole && length >= FEWEST && length % 2 === 0;
  });
}

/** What the host sees, and what lies as another value, or a loop's body, wants it. */
function fixedNodes({ nodes, updates, outputs }: LaidOutGraph): Set<Node> {
  const bound = nodes.flatMap((node) => {
    if (node.kind === "scatter") return [node.base.node];
    return node.kind === "scan" ? node.operands.map(({ access }) => access.node) : [];
  });
  return new Set([...[...updates, ...outputs].map(({ node }) => node), ...bound]);
}

/** Outputs, and states that are one number, as metrics are; and all that these are computed from. */
function reportedNodes({ updates, outputs }: LaidOutGraph): Set<Node> {
  const single = updates.filter(({ node }) => sizeOf(node.shape) === 1);
  const found = new Set<Node>();
  const waiting = [...outputs, ...single].map(({ node }) => node);
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    waiting.push(...accessesOf(node).map((access) => access.node));
  }
  return found;
}
