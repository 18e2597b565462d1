import { sizeOf } from "../tensor/shape.js";
import { batchValues, fixedNodes } from "./batch-values.js";
import { layoutFor, widthOf } from "./buffer-layout.js";
import type { FusedProgram } from "./fuse.js";
import type { LaidOutGraph } from "./layout.js";
import type { Node } from "./node.js";

const WIDTH = widthOf("quad");
/** Fewer elements at a time would leave threads of a warp without a group. */
const FEWEST = 128;

/**
 * Lets neighbours of a batch lie in quads, where the target wants it: values that matrix products read, so that a thread loads
 * four rows, or four terms of a sum, at once. WGSL lets a store to one component of a vector touch the others: whoever stores a
 * quad stores all of it.
 */
export function keepQuads(fused: FusedProgram): FusedProgram {
  const { graph, kernels } = fused;
  if (graph.target.groups !== "quads" || graph.target.block % WIDTH > 0) return fused;
  const fixed = fixedNodes(graph);
  const multiplied = operandsOfProducts(graph);
  const layouts = new Map(graph.layouts);
  for (const kernel of kernels)
    for (const node of batchValues(kernel, fused, WIDTH)) {
      if (fixed.has(node) || !multiplied.has(node) || elementsAtATime(node, graph) < FEWEST) continue;
      const { lane } = graph.layouts.get(node)!;
      layouts.set(node, layoutFor(graph.target, node.shape, lane, { blocked: -1, compact: true, group: "quad" }));
    }
  return { ...fused, graph: { ...graph, layouts } };
}

const operandsOfProducts = ({ nodes }: LaidOutGraph): Set<Node> =>
  new Set(nodes.flatMap((node) => (node.kind === "contraction" ? [node.left.node, node.right.node] : [])));

/** Of a value of a batch that is worked off in blocks, those of one block. */
function elementsAtATime(node: Node, { target: { block }, blockedLength, batchAxis }: LaidOutGraph): number {
  const length = node.shape[batchAxis.get(node)!]!;
  const share = block > 0 && length === blockedLength ? block / length : 1;
  return sizeOf(node.shape) * share;
}
