import type { Counter, Index, Stream } from "./shader-memory.js";

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

/** Turns that a thread may work off side by side: all loads come first then, and their waits are one. */
export const MOST_TURNS_TOGETHER = 8;

/** The number of a turn: a variable, or the sum of a thread's first number and a step for each turn before this one. */
export type Turn = string | Turns;

export interface Turns {
  /** A variable less than the step. */
  readonly first: string;
  /** A variable, or the number of the turn. */
  readonly turn: string | number;
  readonly step: number;
}

export const numberOf = ({ first, turn, step }: Turns): string =>
  `${first} + ${typeof turn === "number" ? `${turn * step}u` : `${turn} * ${step}u`}`;

/** Declares the counters of nested loops, the last of which turns fastest, from the number of the turn. */
export function unravel(loops: readonly Loop[], turn: Turn, prefix: string): { lines: string[]; index: Index } {
  const index = new Map<number, Counter>();
  const lines: string[] = [];
  let below = 1;
  for (const [i, { axis, count }] of [...loops.entries()].toReversed()) {
    const name = `${prefix}${axis}`;
    const offset = i === 0 ? offsetOf(turn, below) : undefined;
    const value =
      offset !== undefined
        ? firstOf(turn as Turns, below)
        : i === 0
          ? quotient(turn, below)
          : remainder(turn, below, count);
    lines.push(`let ${name} = ${value};`);
    index.set(axis, offset === undefined ? name : { variable: name, offset });
    below *= count;
  }
  return { lines, index };
}

/** How much the number of a known turn, divided, exceeds that of the first one; undefined where that depends on the thread. */
function offsetOf(turn: Turn, below: number): number | undefined {
  if (typeof turn === "string" || typeof turn.turn === "string" || turn.step % below > 0) return undefined;
  return (turn.turn * turn.step) / below;
}

/** The number of a turn, divided. */
function quotient(turn: Turn, below: number): string {
  if (typeof turn === "string") return divided(turn, below);
  if (turn.step % below > 0) return `(${numberOf(turn)}) / ${below}u`;
  return numberOf({ ...turn, first: firstOf(turn, below), step: turn.step / below });
}

/** A thread's first number, divided: a remainder says how large that can be, and so which turns are beyond a part's end. */
function firstOf({ first, step }: Turns, below: number): string {
  if (below === 1) return first;
  return step === below ? "0u" : `${first} / ${below}u % ${step / below}u`;
}

/** What is left of the number by another divisor: in turns that go on by multiples of both, that of the first one. */
function remainder(turn: Turn, below: number, count: number): string {
  if (typeof turn === "string") return `${below === 1 ? turn : `(${divided(turn, below)})`} % ${count}u`;
  const { first, step } = turn;
  if (step === below * count) return divided(first, below);
  return step % (below * count) === 0 ? remainder(first, below, count) : `(${quotient(turn, below)}) % ${count}u`;
}

const divided = (number: string, by: number): string => (by === 1 ? number : `${number} / ${by}u`);

/** Axes longer than one, the given one last: neighbouring threads then take neighbours along it. */
export function threadOrder(lengths: readonly number[], fastest: number): number[] {
  const axes = lengths.flatMap((length, axis) => (length > 1 && axis !== fastest ? [axis] : []));
  return fastest >= 0 && lengths[fastest]! > 1 ? [...axes, fastest] : axes;
}
