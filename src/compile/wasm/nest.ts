import { LANES, roundUp } from "../vectors.js";
import { type FunctionBuilder, SIMD, V128 } from "./assembler.js";
import { passThroughMemory } from "./joined-vectors.js";
import type { Value } from "./lanes.js";
import { cutRow, keyOf, type Loop, mergeLoops, Pointers, stepOf, type Stream } from "./loop-nest.js";
import { type Place, ValueEmitter } from "./value-emitter.js";

/** Vectors handled in one turn of the innermost loop, at most. */
const UNROLL = 4;
/** Instructions for one vector beyond which a longer loop body gains nothing. */
const LIGHT_BODY = 24;

/** A value that is written for every element of the space. */
export interface Store {
  readonly stream: Stream;
  readonly value: Value;
}

/** A value that is summed (or whose largest element is sought) along the folded axes. */
export interface Fold {
  readonly kind: "sum" | "maximum";
  readonly stream: Stream;
  readonly value: Value;
}

/** Loops over a space that compute values from streams, and store or fold them. */
export interface Nest {
  readonly lengths: readonly number[];
  /** The axis that vectors run along, or −1. */
  readonly lane: number;
  /** The axis of which the kernel handles one block, whose first element is a parameter; or −1. */
  readonly blockedAxis: number;
  readonly foldedAxes: readonly number[];
  readonly leaves: readonly Stream[];
  readonly stores: readonly Store[];
  readonly folds: readonly Fold[];
  /** True when memory behind a row's end belongs to others. */
  readonly exact: boolean;
}

export interface NestOptions {
  readonly relaxed: boolean;
  readonly paired: boolean;
  readonly scratch: number;
  constantOffset(bits: number): number;
}

/** Emits the loops of a nest. Folds run in a fixed order: four sums a lane at most, then lanes pairwise. */
export function emitNest(f: FunctionBuilder, nest: Nest, options: NestOptions): void {
  new NestEmitter(f, nest, options).emit();
}

/** Turns of the row loop that are emitted together. */
interface Turn {
  readonly vectors: number;
  /** Lanes in use of the last vector. */
  readonly lanesOfLast: number;
}

class NestEmitter {
  private readonly pointers: Pointers;
  private readonly values: ValueEmitter;
  private readonly outer: readonly Loop[];
  private readonly inner: readonly Loop[];
  private readonly unroll: number;
  private readonly laneIsFolded: boolean;
  /** True when a store overwrites what another value is computed from. */
  private readonly inPlace: boolean;

  constructor(
    private readonly f: FunctionBuilder,
    private readonly nest: Nest,
    private readonly options: NestOptions,
  ) {
    const { lengths, lane, foldedAxes, leaves, stores, folds } = nest;
    const streams = [...leaves, ...stores.map(({ stream }) => stream), ...folds.map(({ stream }) => stream)];
    this.pointers = new Pointers(f, streams, nest.blockedAxis);
    const axes = lengths.flatMap((length, axis) => (length > 1 && axis !== lane ? [axis] : []));
    const kept = axes.filter((axis) => !foldedAxes.includes(axis));
    const folded = axes.filter((axis) => foldedAxes.includes(axis));
    this.laneIsFolded = foldedAxes.includes(lane);
    const row = lane < 0 ? [] : [lane];
    if (this.laneIsFolded) {
      this.outer = mergeLoops(kept, lengths, streams);
      this.inner = mergeLoops([...folded, ...row], lengths, streams);
    } else {
      this.outer = mergeLoops([...kept, ...row], this.rowLengths(streams), streams);
      this.inner = mergeLoops(folded, lengths, streams);
    }
    this.values = new ValueEmitter(
      f,
      [...stores, ...folds].map(({ value }) => value),
      {
        leaves,
        loops: [...this.outer, ...this.inner].map(({ axis }) => axis),
        lane,
        ...options,
      },
    );
    const read = new Set(leaves.map((stream) => `${keyOf(stream)} ${stream.start}`));
    this.inPlace = stores.some(({ stream }) => read.has(`${keyOf(stream)} ${stream.start}`));
    this.unroll = this.turnLength();
  }

  emit(): void {
    const pointers = this.pointers.initial();
    this.values.hold(0, 1, (vector) => ({ pointers, vector, lanesLeft: LANES }));
    this.loops(this.outer, 0, 0, pointers, { vectors: 1, lanesOfLast: 1 }, (at, turn) => this.foldOrStore(at, turn));
  }

  /** Vectors of one turn: the shorter the body, the more. A fold along the lanes depends on it, so nothing else may. */
  private turnLength(): number {
    const fitting = Math.floor(LIGHT_BODY / this.values.instructions);
    // Two chains of dependent instructions at a time keep the processor busy, and pairs can be joined.
    const least = this.laneIsFolded ? 1 : 2;
    return fitting >= UNROLL ? UNROLL : Math.max(least, fitting >= 2 ? 2 : 1);
  }

  /** Rows run on into their padding where no element is reached one by one. */
  private rowLengths(streams: readonly Stream[]): readonly number[] {
    const { lengths, lane, exact } = this.nest;
    if (lane < 0 || exact) return lengths;
    const vectors = streams.every((stream) => [0, 4].includes(stepOf(stream, lane)) || stream.region === "index");
    return vectors ? lengths.with(lane, roundUp(lengths[lane]!, LANES)) : lengths;
  }

  /** Runs `body` in all turns of `loops` from number `next` on; `level` counts loops outside of them. */
  private loops(
    loops: readonly Loop[],
    next: number,
    level: number,
    pointers: ReadonlyMap<string, number>,
    turn: Turn,
    body: (pointers: ReadonlyMap<string, number>, turn: Turn) => void,
  ): void {
    const loop = loops[next];
    if (!loop) {
      body(pointers, turn);
      return;
    }
    const { axis, count } = loop;
    const inside = (inner: Turn) => (at: ReadonlyMap<string, number>) =>
      this.values.scope(() => {
        this.values.hold(level + next + 1, inner.vectors, (vector) => placeOf(at, inner, vector));
        this.loops(loops, next + 1, level, at, inner, body);
      });
    if (axis !== this.nest.lane) {
      this.pointers.loop(pointers, axis, count, 1, inside(turn));
      return;
    }
    const { turns, rest, tail } = cutRow(count, this.unroll);
    const full: Turn = { vectors: this.unroll, lanesOfLast: LANES };
    if (turns > 0) this.pointers.loop(pointers, axis, turns, LANES * this.unroll, inside(full));
    if (rest === 0) return;
    const after = this.pointers.advanced(pointers, axis, turns * LANES * this.unroll);
    inside({ vectors: rest, lanesOfLast: tail })(after);
  }

  private foldOrStore(pointers: ReadonlyMap<string, number>, turn: Turn): void {
    const { f, nest, inner, outer } = this;
    if (nest.folds.length === 0) {
      this.storeAll(pointers, turn);
      return;
    }
    const width = this.laneIsFolded ? this.unroll : turn.vectors;
    const accumulators = nest.folds.map(({ kind }) =>
      Array.from({ length: width }, () => {
        const local = f.local(V128);
        this.pushNeutral(kind);
        f.set(local);
        return local;
      }),
    );
    this.loops(inner, 0, outer.length, pointers, turn, (at, innerTurn) => {
      nest.folds.forEach((fold, i) => this.accumulate(fold, accumulators[i]!, at, innerTurn));
      this.storeAll(at, innerTurn);
    });
    nest.folds.forEach(({ kind, stream }, i) => {
      if (this.laneIsFolded) this.storeAcrossLanes(kind, accumulators[i]!, stream, pointers);
      else accumulators[i]!.forEach((local, vector) => this.store(stream, local, placeOf(pointers, turn, vector)));
    });
  }

  private storeAll(pointers: ReadonlyMap<string, number>, turn: Turn): void {
    const { nest, inPlace, options } = this;
    const together = options.paired ? 2 : 1;
    for (let first = 0; first < turn.vectors; first += together) {
      const group = Array.from({ length: Math.min(together, turn.vectors - first) }, (_, i) => {
        return placeOf(pointers, turn, first + i);
      });
      const whole = group.every((place) => nest.stores.every(({ stream }) => this.inOneGo(stream, place)));
      if (group.length === 1 && whole && !inPlace) this.storeDirectly(group[0]!);
      else {
        const computed = nest.stores.map(({ value }) => group.map((place) => this.compute(value, place)));
        nest.stores.forEach(({ stream }, i) => {
          group.forEach((place, j) => this.store(stream, computed[i]![j]!, place));
        });
      }
    }
  }

  private compute(value: Value, place: Place): number {
    const local = this.f.local(V128);
    this.values.push(value, place);
    this.f.set(local);
    return local;
  }

  private storeDirectly(place: Place): void {
    const { f, nest } = this;
    for (const { stream, value } of nest.stores) {
      f.get(place.pointers.get(keyOf(stream))!);
      this.values.push(value, place);
      f.store(stream.start + place.vector * LANES * stepOf(stream, nest.lane));
    }
  }

  private inOneGo(stream: Stream, { lanesLeft }: Place): boolean {
    const { lane, exact } = this.nest;
    return lane >= 0 && stepOf(stream, lane) === 4 && !(exact && lanesLeft < LANES);
  }

  private store(stream: Stream, local: number, place: Place): void {
    const { f, nest } = this;
    const pointer = place.pointers.get(keyOf(stream))!;
    const step = nest.lane < 0 ? 0 : stepOf(stream, nest.lane);
    const first = stream.start + place.vector * LANES * step;
    if (this.inOneGo(stream, place)) f.get(pointer).get(local).store(first);
    else
      for (let lane = 0; lane < (step === 0 ? 1 : place.lanesLeft); lane++)
        f.get(pointer)
          .get(local)
          .storeLane(first + lane * step, lane);
  }

  private accumulate(
    { kind, value }: Fold,
    accumulators: readonly number[],
    pointers: ReadonlyMap<string, number>,
    turn: Turn,
  ): void {
    const { f, values } = this;
    for (let vector = 0; vector < turn.vectors; vector++) {
      const place = placeOf(pointers, turn, vector);
      const accumulator = accumulators[vector]!;
      const masked = this.laneIsFolded && place.lanesLeft < LANES;
      if (kind === "sum" && !masked) values.pushSum(accumulator, value, place);
      else {
        f.get(accumulator);
        values.push(value, place);
        if (masked) this.maskLanes(kind, place.lanesLeft);
        f.simd(kind === "sum" ? SIMD.add : SIMD.max);
      }
      f.set(accumulator);
    }
  }

  /** Replaces the lanes beyond a row's end by what changes nothing. */
  private maskLanes(kind: Fold["kind"], lanesLeft: number): void {
    this.pushNeutral(kind);
    this.f.lanes(Array.from({ length: LANES }, (_, lane) => (lane < lanesLeft ? -1 : 0))).simd(SIMD.bitselect);
  }

  private pushNeutral(kind: Fold["kind"]): void {
    this.f.splat(kind === "sum" ? 0 : NEGATIVE_INFINITY);
  }

  private storeAcrossLanes(
    kind: Fold["kind"],
    accumulators: readonly number[],
    stream: Stream,
    pointers: ReadonlyMap<string, number>,
  ): void {
    const { f } = this;
    const opcode = kind === "sum" ? SIMD.add : SIMD.max;
    if (this.options.paired) passThroughMemory(f, accumulators, this.options.scratch);
    const [total, ...others] = accumulators as [number, ...number[]];
    for (const other of others) f.get(total).get(other).simd(opcode).set(total);
    for (const swapped of [
      [2, 3, 0, 1],
      [1, 0, 3, 2],
    ])
      f.get(total).get(total).get(total).shuffle(swapped).simd(opcode).set(total);
    f.get(pointers.get(keyOf(stream))!)
      .get(total)
      .storeLane(stream.start, 0);
  }
}

const NEGATIVE_INFINITY = 0xff800000 | 0;

const placeOf = (pointers: ReadonlyMap<string, number>, turn: Turn, vector: number): Place => ({
  pointers,
  vector,
  lanesLeft: vector === turn.vectors - 1 ? turn.lanesOfLast : LANES,
});
