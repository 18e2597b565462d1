import type { Index, Stream } from "./shader-memory.js";

/** A loop over one axis, or over several that lie behind one another for every stream. */
export interface Loop {
  /** The innermost of the axes that were merged: its steps are the loop's. */
  readonly axis: number;
  readonly count: number;
}

const NONE: ReadonlySet<number> = new Set();

/**
 * Merges neighbouring loops (outermost first) where every stream moves on from the end of the inner one, but for the loops
 * along axes that have to be counted.
 */
export function mergeLoops(
  axes: readonly number[],
  lengths: readonly number[],
  streams: readonly Stream[],
  counted: ReadonlySet<number> = NONE,
): Loop[] {
  const loops: Loop[] = [];
  for (const axis of axes.toReversed()) {
    const [inner] = loops;
    const count = lengths[axis]!;
    const free = inner && !counted.has(axis) && !counted.has(inner.axis);
    const follows = free && streams.every(({ steps }) => steps[axis] === steps[inner.axis]! * inner.count);
    if (follows) loops[0] = { axis: inner.axis, count: inner.count * count };
    else loops.unshift({ axis, count });
  }
  return loops;
}

export const turnsOf = (loops: readonly Loop[]): number => loops.reduce((product, { count }) => product * count, 1);

/** Declares the counters of nested loops, the last of which turns fastest, from the number of the turn. */
export function unravel(loops: readonly Loop[], turn: string, prefix: string): { lines: string[]; index: Index } {
  const index = new Map<number, string>();
  const lines: string[] = [];
  let below = 1;
  for (const [i, { axis, count }] of [...loops.entries()].toReversed()) {
    const name = `${prefix}${axis}`;
    const above = below === 1 ? turn : `${turn} / ${below}u`;
    lines.push(`let ${name} = ${i === 0 ? above : `${below === 1 ? turn : `(${above})`} % ${count}u`};`);
    index.set(axis, name);
    below *= count;
  }
  return { lines, index };
}

/** Axes longer than one, the given one last: neighbouring threads then take neighbours along it. */
export function threadOrder(lengths: readonly number[], fastest: number): number[] {
  const axes = lengths.flatMap((length, axis) => (length > 1 && axis !== fastest ? [axis] : []));
  return fastest >= 0 && lengths[fastest]! > 1 ? [...axes, fastest] : axes;
}
