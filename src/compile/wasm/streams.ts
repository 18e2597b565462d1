import type { Region } from "./kernel-context.js";

/** Something that moves with the loops: memory that is read or written, or (region `index`) a count. */
export interface Stream {
  readonly region: Region | "index";
  /** Of the first element, in bytes; in units for an index. */
  readonly start: number;
  /** For each axis of the space, in elements. */
  readonly steps: readonly number[];
}

/** A part of the space, from one corner to another, and where its elements are read. */
export interface Piece {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly stream: Stream;
}

/** What is read for each element of the space: from one stream, or in every part from another. */
export type Leaf = Stream | readonly Piece[];

const isWhole = (leaf: Leaf): leaf is Stream => "steps" in leaf;

export const streamsOf = (leaf: Leaf): Stream[] => (isWhole(leaf) ? [leaf] : leaf.map(({ stream }) => stream));

/** The first index along an axis of each part of the space in which all leaves read from one stream. */
export function cutsOf(leaves: readonly Leaf[], axis: number): number[] {
  const starts = leaves.flatMap((leaf) => (isWhole(leaf) ? [] : leaf.map(({ from }) => from[axis]!)));
  return [...new Set([0, ...starts])].sort((a, b) => a - b);
}

/** The stream that a leaf reads in the part of the space that begins at `corner`, an index for each axis that is cut. */
export function streamAt(leaf: Leaf, corner: ReadonlyMap<number, number>): Stream {
  if (isWhole(leaf)) return leaf;
  const isHere = ({ from, to }: Piece) =>
    Array.from(corner).every(([axis, index]) => from[axis]! <= index && index < to[axis]!);
  return leaf.find(isHere)!.stream;
}

/** Bytes, or units, that a stream moves for one step of an axis. */
export const stepOf = ({ region, steps }: Stream, axis: number): number => steps[axis]! * (region === "index" ? 1 : 4);

/** Streams with equal keys share a pointer. Instructions take no offset below 0: such streams have pointers of their own. */
export const keyOf = ({ region, steps, start }: Stream): string =>
  region !== "index" && start < 0 ? `${region} ${steps.join()} from ${start}` : `${region} ${steps.join()}`;

/** Of a stream's first element from its pointer. */
export const offsetOf = ({ region, start }: Stream): number => (region === "index" ? start : Math.max(0, start));
