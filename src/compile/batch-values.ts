import type { FusedProgram, Kernel } from "./fuse.js";
import type { LaidOutGraph } from "./layout.js";
import type { Node } from "./node.js";

/** What a kernel stores of a batch, in which its threads can take so many neighbours together. */
export function batchValues(kernel: Kernel, { graph, stored }: FusedProgram, width: number): Node[] {
  if (kernel.kind !== "loop" && kernel.kind !== "contraction") return [];
  const lane = kernel.kind === "loop" ? kernel.lane : graph.lanes.get(kernel.contraction)!;
  const nodes: readonly Node[] = kernel.nodes;
  if (nodes.some((node) => node.kind === "reduction")) return [];
  if (kernel.kind === "contraction" && lane < kernel.contraction.space.length - 3) return [];
  return nodes.filter((node) => {
    const isWhole = graph.layouts.get(node)!.lane === lane && graph.batchAxis.get(node) === lane;
    const isOwn = node.kind === "elementwise" || node.kind === "contraction";
    return isOwn && node.dtype === "f32" && stored.has(node) && isWhole && node.shape[lane]! % width === 0;
  });
}

/** What the host sees, and what lies as another value, or a loop's body, wants it. */
export function fixedNodes({ nodes, updates, outputs }: LaidOutGraph): Set<Node> {
  const bound = nodes.flatMap((node) => {
    if (node.kind === "scatter") return [node.base.node];
    return node.kind === "scan" ? node.operands.map(({ access }) => access.node) : [];
  });
  return new Set([...[...updates, ...outputs].map(({ node }) => node), ...bound]);
}
