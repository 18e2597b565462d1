import { sizeOf } from "../tensor/shape.js";
import { batchValues, fixedNodes } from "./batch-values.js";
import type { FusedProgram } from "./fuse.js";
import { layoutFor, widthOf } from "./buffer-layout.js";
import type { LaidOutGraph } from "./layout.js";
import { accessesOf, type InputNode, type Node } from "./node.js";

const WIDTH = widthOf("f16");
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
  if (graph.target.groups !== "halves" || graph.target.block % WIDTH > 0) return fused;
  const reported = reportedNodes(graph);
  const fixed = fixedNodes(graph);
  const layouts = new Map(graph.layouts);
  const halve = (node: Node): void => {
    if (fixed.has(node)) return;
    const group = node.kind === "input" || reported.has(node) ? "f16" : "bf16";
    const { lane } = graph.layouts.get(node)!;
    layouts.set(node, layoutFor(graph.target, node.shape, lane, { blocked: -1, compact: true, group }));
  };
  const isLong = (node: Node): boolean => node.shape[graph.batchAxis.get(node)!]! >= FEWEST;
  for (const node of graph.nodes) if (isData(node)) halve(node);
  for (const kernel of kernels) batchValues(kernel, fused, WIDTH).filter(isLong).forEach(halve);
  return { ...fused, graph: { ...graph, layouts } };
}

/** Numbers of many that all members read. */
const isData = (node: Node): node is InputNode =>
  node.kind === "input" && node.scope === "shared" && node.dtype === "f32" && sizeOf(node.shape) >= FEWEST;

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
