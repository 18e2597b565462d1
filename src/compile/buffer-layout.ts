import { rowMajorStrides, type Shape, sizeOf } from "../tensor/shape.js";
import type { Target } from "./target.js";
import { BLOCK, LANES, roundUp } from "./vectors.js";

/** Rows of a multiple of this many elements lie in few sets of a cache, which then holds few of them. */
const ALIASING = 128;
const MANY_ROWS = 8;
/** Rows that are shorter stay as they are: an element more would take much of the memory, and they meet in few banks. */
const MANY_COLUMNS = 8;
const MANY_QUADS = 2;

/** Where the elements of a node lie in its buffer. */
export interface Layout {
  /** In elements, one for each axis of the node. */
  readonly strides: readonly number[];
  /** The axis whose neighbours are neighbours in memory, the one that vectors run along; −1 in a scalar. */
  readonly lane: number;
  /** Words of the buffer, padding included. */
  readonly size: number;
  /** How neighbours along the lane lie together; absent where each is on its own. */
  readonly group?: Group | undefined;
}

/** Two halves of a word, or four words that a thread stores together, and may load together. */
export type Group = HalfFormat | "quad";

/** Half of a word: 11 bits of significand up to 65504, or 8 bits in the range of float32. */
export type HalfFormat = "f16" | "bf16";

/** Elements of a group. */
export const widthOf = (group: Group | undefined): 1 | 2 | 4 => (group === undefined ? 1 : group === "quad" ? 4 : 2);

export const isHalf = (group: Group | undefined): group is HalfFormat => widthOf(group) === 2;

/** The layout of a tensor whose `lane` axis is innermost; `blocked`: the axis that is worked off by blocks, or −1. */
export function layoutFor(
  target: Target,
  shape: Shape,
  lane: number,
  {
    blocked,
    compact,
    group,
  }: { readonly blocked: number; readonly compact: boolean; readonly group?: Layout["group"] },
): Layout {
  if (group) return groupedLayout(shape, lane, group);
  return target.vectors ? vectorLayout(shape, lane, blocked, compact) : threadLayout(shape, lane, compact);
}

/**
 * Row-major but for the lane axis, which is innermost; rows are whole vectors, or whole blocks along the batch. Layouts
 * that are not compact keep rows apart in the cache.
 */
function vectorLayout(shape: Shape, lane: number, blocked: number, compact: boolean): Layout {
  const order = withLaneLast(shape, lane);
  const padded = order.map((axis) =>
    axis === blocked ? roundUp(shape[axis]!, BLOCK) : axis === lane ? roundUp(shape[axis]!, LANES) : shape[axis]!,
  );
  const rows = sizeOf(padded.slice(0, -1));
  if (!compact && rows >= MANY_ROWS && padded.at(-1)! % ALIASING === 0) padded.push(padded.pop()! + BLOCK);
  return packed(padded, order, lane);
}

/**
 * The same for threads that read single elements: rows of an odd length unless they are to be compact, so that neighbouring
 * threads that read down a column find each its element in another bank of the memory.
 */
function threadLayout(shape: Shape, lane: number, compact: boolean): Layout {
  const order = withLaneLast(shape, lane);
  const padded = order.map((axis) => shape[axis]!);
  const row = padded.pop() ?? 1;
  padded.push(compact ? row : oddRow(row, sizeOf(padded), MANY_COLUMNS));
  return packed(padded, order, lane);
}

/** The same for groups of neighbours: rows of an odd number of words, or of four words. */
function groupedLayout(shape: Shape, lane: number, group: Group): Layout {
  const width = widthOf(group);
  const order = withLaneLast(shape, lane);
  const padded = order.map((axis) => shape[axis]!);
  const row = Math.ceil(padded.pop()! / width);
  padded.push(width * oddRow(row, sizeOf(padded), isHalf(group) ? MANY_COLUMNS : MANY_QUADS));
  const { strides, size } = packed(padded, order, lane);
  return { strides, lane, size: Math.max(LANES, isHalf(group) ? size / 2 : size), group };
}

const oddRow = (groups: number, rows: number, many: number): number =>
  groups >= many && groups % 2 === 0 && rows > 1 ? groups + 1 : groups;

function withLaneLast(shape: Shape, lane: number): number[] {
  const others = shape.flatMap((_, axis) => (axis === lane ? [] : [axis]));
  return lane < 0 ? others : [...others, lane];
}

/** Row-major in the given order of axes, of which `lengths` are the lengths with padding. */
function packed(lengths: readonly number[], order: readonly number[], lane: number): Layout {
  const steps = rowMajorStrides(lengths);
  const strides = new Array<number>(order.length);
  order.forEach((axis, i) => (strides[axis] = steps[i]!));
  return { strides, lane, size: Math.max(LANES, sizeOf(lengths)) };
}

/** Slices one after the other; single numbers lie close together. */
export function stackedLayout({ strides, lane, size }: Layout, shape: Shape, length: number): Layout {
  if (sizeOf(shape) === 1) return { strides: [1, ...strides], lane: 0, size: roundUp(length, LANES) };
  return { strides: [size, ...strides], lane: lane + 1, size: size * length };
}
