import { stridesOf } from "../access.js";
import type { AssemblyKernel } from "../fuse.js";
import type { AssemblyNode, Node } from "../node.js";
import type { Layout } from "../buffer-layout.js";
import type { FunctionBuilder } from "./assembler.js";
import type { KernelContext } from "./kernel-context.js";
import { LaneGraph } from "./lanes.js";
import { type Stream } from "./streams.js";
import { KernelTrace } from "./loop-kernel.js";
import { emitNest } from "./nest.js";

/** Emits copies of all parts to their places, after zeros where parts do not cover everything. */
export function emitAssemblyKernel(
  f: FunctionBuilder,
  { nodes: [node] }: AssemblyKernel,
  layout: Layout,
  context: KernelContext,
): void {
  if (!node.covered) clear(f, node, layout, context);
  for (const part of node.parts) copyPart(f, node, part, context);
}

function clear(f: FunctionBuilder, node: AssemblyNode, { size }: Layout, context: KernelContext): void {
  const { region, offset } = context.placements.get(node)!;
  const zero = new LaneGraph(context.relaxed).int(0);
  const store = { stream: { region, start: offset, steps: [1] }, value: zero };
  const nest = { lengths: [size], lane: 0, blockedAxis: -1, foldedAxes: [], leaves: [], exact: false };
  emitNest(f, { ...nest, stores: [store], folds: [] }, context);
}

/** Emits a copy of one part to its place in a node. */
export function copyPart(
  f: FunctionBuilder,
  node: Node,
  { space, source, target }: AssemblyNode["parts"][number],
  context: KernelContext,
): void {
  const trace = new KernelTrace(space.length, context);
  const value = trace.read(source);
  const { region, offset, strides } = context.placements.get(node)!;
  const { start, steps } = stridesOf(target, strides, space.length);
  const stream: Stream = { region, start: offset + 4 * start, steps };
  const store = trace.converted(node, value, stream);
  const long = space.flatMap((length, axis) => (length > 1 ? [axis] : []));
  const lane = long.find((axis) => steps[axis] === 1) ?? long.at(-1) ?? -1;
  const nest = { lengths: space, lane, blockedAxis: -1, foldedAxes: [], leaves: trace.leaves, exact: true };
  emitNest(f, { ...nest, stores: [store], folds: [] }, context);
}
