import { sizeOf } from "../tensor/shape.js";
import type { ContractionKernel, Kernel, LoopKernel, LoopNode } from "./fuse.js";
import type { LaidOutGraph } from "./layout.js";
import { BLOCK, roundUp } from "./vectors.js";

/** Most parts of a kernel: many more than there are threads, so that all have done theirs at about the same time. */
const MOST_PARTS = 32;
/** Elements of a kernel's space, terms of sums included, that are worth a task of their own. */
const LEAST_WORK = 16384;
/** Rows of which a part has a multiple: a tile of a matrix product. */
const ROWS = 4;

/** How the work of a kernel is divided among threads: ranges of an axis of its space; of the axis −1, all of it. */
export interface Partition {
  readonly axis: number;
  readonly parts: readonly { readonly first: number; readonly length: number }[];
}

const WHOLE: Partition = { axis: -1, parts: [{ first: 0, length: 0 }] };

/**
 * Divides a kernel's work by the program alone: neither the bits nor the division depend on the number of threads. No
 * sum is divided. Parts along the vectors begin on a cache line, so that no two threads write to one.
 */
export function partitionOf(kernel: Kernel, graph: LaidOutGraph): Partition {
  if (kernel.kind !== "loop" && kernel.kind !== "contraction") return WHOLE;
  const space = kernel.kind === "loop" ? kernel.space : kernel.contraction.space;
  const lane = kernel.kind === "loop" ? kernel.lane : graph.lanes.get(kernel.contraction)!;
  const most = Math.min(MOST_PARTS, Math.floor(sizeOf(space) / LEAST_WORK));
  const choices = dividedAxes(kernel).map((axis) => {
    const grain = axis === lane ? BLOCK : ROWS;
    const length = roundUp(Math.ceil(space[axis]! / Math.max(1, most)), grain);
    return { axis, length, count: Math.ceil(space[axis]! / length), isLane: axis === lane };
  });
  const [best] = choices.sort((a, b) => b.count - a.count || Number(a.isLane) - Number(b.isLane) || a.axis - b.axis);
  if (!best || best.count < 2) return WHOLE;
  const { axis, length } = best;
  const parts = Array.from({ length: best.count }, (_, part) => {
    const first = part * length;
    return { first, length: Math.min(length, space[axis]! - first) };
  });
  return { axis, parts };
}

/** Axes along which nothing is summed, and nothing is put together. */
function dividedAxes(kernel: LoopKernel | ContractionKernel): number[] {
  const loop = kernel.kind === "loop" ? kernel.nodes : [];
  const apart = new Set(loop.flatMap(joinedAxes));
  const space = kernel.kind === "loop" ? kernel.space : kernel.contraction.space;
  const kept = kernel.kind === "loop" ? space.length : space.length - 1;
  return space.flatMap((length, axis) => (length > 1 && axis < kept && !apart.has(axis) ? [axis] : []));
}

function joinedAxes(node: LoopNode): readonly number[] {
  if (node.kind === "reduction") return node.axes;
  if (node.kind === "elementwise") return [];
  return node.shape.flatMap((length, axis) => (node.parts.some(({ space }) => space[axis] !== length) ? [axis] : []));
}
