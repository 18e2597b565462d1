import { LANES } from "../vectors.js";
import { type FunctionBuilder, I32, I32_OP } from "./assembler.js";
import { parameterOf, PARAMETERS, pushBase } from "./kernel-context.js";
import { cutsOf, keyOf, type Leaf, stepOf, type Stream, streamsOf } from "./streams.js";

/** A loop over one axis, or over several that lie behind one another for every stream. */
export interface Loop {
  /** The innermost axis of those that were merged: its steps are the loop's. */
  readonly axis: number;
  readonly count: number;
}

/**
 * Merges neighbouring loops of `axes` (outermost first) where every stream moves on from the end of the inner one to
 * the next turn of the outer one. `lengths` may be those of padded rows.
 */
export function mergeLoops(
  axes: readonly number[],
  lengths: readonly number[],
  leaves: readonly Leaf[],
  others: readonly Stream[],
): Loop[] {
  const loops: Loop[] = [];
  const whole = (axis: number) => cutsOf(leaves, axis).length === 1;
  const streams = [...leaves.flatMap(streamsOf), ...others];
  for (const axis of axes.toReversed()) {
    const count = lengths[axis]!;
    const inner = loops[0];
    const apart = !inner || !whole(axis) || !whole(inner.axis);
    const follows = !apart && streams.every(({ steps }) => steps[axis] === steps[inner.axis]! * inner.count);
    if (follows) loops[0] = { axis: inner.axis, count: inner.count * count };
    else loops.unshift({ axis, count });
  }
  return loops;
}

/**
 * Pointers for the streams of a nest. Streams of one region with equal steps share a pointer; their starts become
 * constant offsets of the instructions.
 */
export class Pointers {
  private readonly keys = new Map<string, Stream>();

  constructor(
    private readonly f: FunctionBuilder,
    streams: readonly Stream[],
    private readonly blockedAxis: number,
  ) {
    for (const stream of streams) if (!this.keys.has(keyOf(stream))) this.keys.set(keyOf(stream), stream);
  }

  /** Pointers at the first element of the block. */
  initial(): Map<string, number> {
    const { f, keys, blockedAxis } = this;
    const locals = new Map<string, number>();
    for (const [key, stream] of keys) {
      const moves = blockedAxis >= 0 && stream.region !== "block";
      const step = moves ? stepOf(stream, blockedAxis) : 0;
      const parameter = stream.region === "index" ? undefined : parameterOf(stream.region);
      const before = Math.min(0, stream.start);
      if (step === 0 && before === 0 && parameter !== undefined) {
        locals.set(key, parameter);
        continue;
      }
      const local = f.local(I32);
      if (stream.region === "index") f.int(0);
      else pushBase(f, stream.region);
      if (step !== 0) {
        f.get(PARAMETERS.firstOfBlock);
        if (step !== 1) f.int(step).op(I32_OP.mul);
        f.op(I32_OP.add);
      }
      if (before !== 0 && stream.region !== "index") f.int(before).op(I32_OP.add);
      f.set(local);
      locals.set(key, local);
    }
    return locals;
  }

  /**
   * Runs `body` with pointers for each turn of a loop in steps of `stride` elements. Pointers that the axis does not
   * move are passed on as they are.
   */
  loop(
    outer: ReadonlyMap<string, number>,
    axis: number,
    turns: number,
    stride: number,
    body: (pointers: ReadonlyMap<string, number>) => void,
  ): void {
    if (turns === 1) {
      body(outer);
      return;
    }
    const { f } = this;
    const moving = this.movedBy(axis).map(([key, stream]) => {
      const local = f.local(I32);
      f.get(outer.get(key)!).set(local);
      return { key, local, step: stepOf(stream, axis) * stride, start: stream.start };
    });
    // Pointers of parts that begin elsewhere may be before the memory's start.
    const leader = moving.find(({ step, start }) => step > 0 && start >= 0);
    const counter = leader?.local ?? f.local(I32);
    const counterStep = leader?.step ?? 1;
    if (!leader) f.int(0).set(counter);
    const end = f.local(I32);
    f.getPlus(counter, turns * counterStep).set(end);
    const inner = new Map(outer);
    for (const { key, local } of moving) inner.set(key, local);
    f.loop(counter, counterStep, end, () => {
      body(inner);
      for (const { local, step } of moving) if (local !== counter) f.advance(local, step);
    });
  }

  /**
   * A loop over all elements of an axis whose first turn is taken before it. Versions of V8 that join vectors compute the
   * address of each scalar that is loaded into all lanes in every turn, unless it is known before the loop.
   */
  peeledLoop(
    outer: ReadonlyMap<string, number>,
    axis: number,
    turns: number,
    body: (pointers: ReadonlyMap<string, number>) => void,
  ): void {
    body(outer);
    if (turns > 1) this.loop(this.advanced(outer, axis, 1), axis, turns - 1, 1, body);
  }

  /** Loops over all of some axes, outermost first. */
  nest(
    axes: readonly number[],
    lengths: readonly number[],
    outer: ReadonlyMap<string, number>,
    body: (pointers: ReadonlyMap<string, number>) => void,
  ): void {
    const [axis, ...others] = axes;
    if (axis === undefined) body(outer);
    else this.loop(outer, axis, lengths[axis]!, 1, (inner) => this.nest(others, lengths, inner, body));
  }

  /** A loop in pieces of `size` elements, and a shorter piece for what is left over. */
  cut(
    outer: ReadonlyMap<string, number>,
    axis: number,
    count: number,
    size: number,
    body: (pointers: ReadonlyMap<string, number>, size: number) => void,
  ): void {
    const turns = Math.floor(count / size);
    const rest = count - turns * size;
    if (turns > 0) this.loop(outer, axis, turns, size, (inner) => body(inner, size));
    if (rest > 0) body(this.advanced(outer, axis, turns * size), rest);
  }

  /** A loop in as few pieces as pieces of `most` elements would be, their sizes differing by one at most. */
  cutEvenly(
    outer: ReadonlyMap<string, number>,
    axis: number,
    count: number,
    most: number,
    body: (pointers: ReadonlyMap<string, number>, size: number) => void,
  ): void {
    const pieces = Math.ceil(count / most);
    const size = Math.floor(count / pieces);
    const larger = count % pieces;
    if (larger > 0) this.loop(outer, axis, larger, size + 1, (inner) => body(inner, size + 1));
    const after = this.advanced(outer, axis, larger * (size + 1));
    this.loop(after, axis, pieces - larger, size, (inner) => body(inner, size));
  }

  /** Pointers moved on by a number of elements, for what a loop leaves over. */
  advanced(outer: ReadonlyMap<string, number>, axis: number, elements: number): Map<string, number> {
    const inner = new Map(outer);
    if (elements === 0) return inner;
    for (const [key, stream] of this.movedBy(axis)) {
      const local = this.f.local(I32);
      this.f.getPlus(outer.get(key)!, stepOf(stream, axis) * elements).set(local);
      inner.set(key, local);
    }
    return inner;
  }

  private movedBy(axis: number): [string, Stream][] {
    return [...this.keys].filter(([, stream]) => stream.steps[axis] !== 0);
  }
}

/**
 * How a row of `length` elements is cut: `turns` of `unroll` full vectors, then `rest` vectors of which the last has
 * `tail` lanes in use.
 */
export function cutRow(length: number, unroll: number): { turns: number; rest: number; tail: number } {
  const turns = Math.floor(length / (LANES * unroll));
  const left = length - turns * LANES * unroll;
  return { turns, rest: Math.ceil(left / LANES), tail: left % LANES || LANES };
}
