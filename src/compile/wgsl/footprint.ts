import { sizeOf } from "../../tensor/shape.js";
import { isHalf } from "../buffer-layout.js";
import type { LaidOutGraph } from "../layout.js";
import { accessesOf, keptAxes, type Node, spaceOf } from "../node.js";
import type { Placement } from "../wasm/kernel-context.js";
import type { Extent, Footprint } from "./hazards.js";
import type { ShaderMemory } from "./shader-memory.js";

/** What a kernel of some nodes reads, and what it writes of those that lie in memory and not in `registers`. */
export function footprintOf(
  nodes: readonly Node[],
  graph: LaidOutGraph,
  stored: ReadonlySet<Node>,
  memory: ShaderMemory,
  registers: ReadonlySet<Node>,
): Footprint {
  const own = new Set([...nodes, ...registers]);
  const extent = (node: Node, byFirst: boolean): Extent => ({
    ...extentOf(memory.placement(node), wordsOf(node, graph, memory), memory),
    byFirst,
  });
  const readByFirst = nodes.every((node) => sizeOf(spaceOf(node)) === 1);
  const read = new Set(nodes.flatMap(accessesOf).map(({ node }) => node));
  const reads = [...read].filter((node) => !own.has(node) && node.kind !== "constant" && node.kind !== "iota");
  const written = nodes.filter((node) => stored.has(node) && !registers.has(node));
  return {
    reads: reads.map((node) => extent(node, readByFirst)),
    writes: written.map((node) => extent(node, sizeOf(node.shape) === 1)),
  };
}

/** The words of a value; of a stack that a window shows a slice of, all that there are. */
export function extentOf(placement: Placement, size: number, memory: ShaderMemory): Extent {
  const { region, offset } = placement;
  const { array } = memory.base(placement);
  if (memory.isSwapped(region)) return { array, start: 0, end: size, window: region };
  if (region.startsWith("window")) return { array, start: 0, end: Infinity, slice: true };
  return { array, start: offset / 4, end: offset / 4 + size };
}

/** From a value's first word to its last, padding included; of one that lives within a block, of that. */
function wordsOf(node: Node, { layouts, blockedAxis, target }: LaidOutGraph, memory: ShaderMemory): number {
  const { region, strides, group } = memory.placement(node);
  if (region !== "block") return layouts.get(node)!.size;
  const shape = node.shape.with(keptAxes(node).indexOf(blockedAxis.get(node)!), target.block);
  const elements = shape.reduce((count, length, axis) => count + (length - 1) * strides[axis]!, 1);
  return isHalf(group) ? Math.ceil(elements / 2) : elements;
}
