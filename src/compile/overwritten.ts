import { isIdentity } from "./access.js";
import type { Kernel } from "./fuse.js";
import { type Layout, widthOf } from "./buffer-layout.js";
import { accessesOf, type Node, type ScatterNode } from "./node.js";
import type { Stage } from "./schedule.js";

type Layouts = ReadonlyMap<Node, Layout>;

/** True when the scatter needs no copy of its base if it lies in the base's memory: it reads the base nowhere else. */
export function mayOverwrite({ shape, base, part, indices }: ScatterNode): boolean {
  const { node, map } = base;
  const others = [part, ...indices.map(({ access }) => access)];
  return isIdentity(map, shape, node.shape) && others.every((access) => access.node !== node);
}

/** True where two nodes of one shape may share a buffer. */
export function lieAlike(a: Layout, b: Layout): boolean {
  return (
    a.size === b.size &&
    widthOf(a.group) === widthOf(b.group) &&
    a.strides.every((stride, axis) => stride === b.strides[axis])
  );
}

/** Bases that nothing reads after the scatters that start from them, by scatter. */
export function overwrittenBases(stages: readonly Stage[], layouts: Layouts): Map<ScatterNode, Node> {
  const kernels = stages.flatMap((stage) => stage.kernels);
  const lastReader = lastReaders(kernels);
  const found = new Map<ScatterNode, Node>();
  for (const kernel of kernels) {
    const [node] = kernel.nodes;
    if (node.kind !== "scatter" || !mayOverwrite(node)) continue;
    const base = node.base.node;
    const alike = lieAlike(layouts.get(node)!, layouts.get(base)!);
    if (alike && lastReader.get(base) === kernel) found.set(node, base);
  }
  return found;
}

/** The last kernel that reads each node. */
export function lastReaders(kernels: readonly Kernel[]): Map<Node, Kernel> {
  const last = new Map<Node, Kernel>();
  for (const kernel of kernels)
    for (const node of kernel.nodes) for (const access of accessesOf(node)) last.set(access.node, kernel);
  return last;
}
