import { LANES, roundUp } from "../vectors.js";
import { type FunctionBuilder, SIMD, V128 } from "./assembler.js";
import { passThroughMemory } from "./joined-vectors.js";
import type { Value } from "./lanes.js";
import {
  cutRow,
  cutsOf,
  keyOf,
  type Leaf,
  type Loop,
  mergeLoops,
  offsetOf,
  Pointers,
  stepOf,
  type Stream,
  streamsOf,
} from "./loop-nest.js";
import { type Place, ValueEmitter } from "./value-emitter.js";

/** Vectors handled in one turn of the innermost loop, at most. */
const UNROLL = 4;
/** Instructions for one vector beyond which a longer loop body gains nothing. */
const LIGHT_BODY = 24;

/** Elements of a row that is handled in one turn whatever its loop's body. */
const SHORT_ROW = 2 * LANES;
/** Elements along the innermost loop in one turn, where rows are short. */
const ROWS = 2;

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
  readonly leaves: readonly Leaf[];
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

/** Turns of the loops that are emitted together. */
interface Turn {
  readonly vectors: number;
  /** Lanes in use of the last vector. */
  readonly lanesOfLast: number;
  /** Elements along the innermost loop. */
  readonly rows: number;
  /** Where the part of the space begins that is being emitted, along each axis that is cut. */
  readonly corner: ReadonlyMap<number, number>;
}

const START: Turn = { vectors: 1, lanesOfLast: 1, rows: 1, corner: new Map() };

class NestEmitter {
  private readonly pointers: Pointers;
  private readonly values: ValueEmitter;
  private readonly outer: readonly Loop[];
  private readonly inner: readonly Loop[];
  private readonly unroll: number;
  /** The innermost loop's axis if several of its elements are handled in a turn: vectors alone are too few. */
  private readonly rowAxis: number | undefined;
  private readonly laneIsFolded: boolean;
  /** True when a store overwrites what another value is computed from. */
  private readonly inPlace: boolean;

  constructor(
    private readonly f: FunctionBuilder,
    private readonly nest: Nest,
    private readonly options: NestOptions,
  ) {
    const { lengths, lane, foldedAxes, leaves, stores, folds } = nest;
    const written = [...stores, ...folds].map(({ stream }) => stream);
    const streams = [...leaves.flatMap(streamsOf), ...written];
    this.pointers = new Pointers(f, streams, nest.blockedAxis);
    const axes = lengths.flatMap((length, axis) => (length > 1 && axis !== lane ? [axis] : []));
    const kept = axes.filter((axis) => !foldedAxes.includes(axis));
    const folded = axes.filter((axis) => foldedAxes.includes(axis));
    this.laneIsFolded = foldedAxes.includes(lane);
    const row = lane < 0 ? [] : [lane];
    if (this.laneIsFolded) {
      this.outer = mergeLoops(kept, lengths, leaves, written);
      this.inner = mergeLoops([...folded, ...row], lengths, leaves, written);
    } else {
      this.outer = outerLoops(kept, row, this.rowLengths(streams), leaves, written);
      this.inner = mergeLoops(folded, lengths, leaves, written);
    }
    const innermost = [...this.outer, ...this.inner].at(-1)?.axis;
    const short = lane >= 0 && lengths[lane]! <= SHORT_ROW && !this.laneIsFolded && this.outer[0]?.axis === lane;
    this.rowAxis = short && innermost !== lane ? innermost : undefined;
    this.values = new ValueEmitter(
      f,
      [...stores, ...folds].map(({ value }) => value),
      {
        leaves,
        loops: [...this.outer, ...this.inner].map(({ axis }) => axis),
        lane,
        ...(this.rowAxis !== undefined && { row: this.rowAxis }),
        ...options,
      },
    );
    const read = new Set(leaves.flatMap(streamsOf).map((stream) => `${keyOf(stream)} ${stream.start}`));
    this.inPlace = stores.some(({ stream }) => read.has(`${keyOf(stream)} ${stream.start}`));
    this.unroll = this.turnLength();
  }

  emit(): void {
    const pointers = this.pointers.initial();
    this.values.hold(0, 1, (vector) => ({ pointers, vector, lanesLeft: LANES }));
    this.loops(this.outer, 0, 0, pointers, START, (at, turn) => this.foldOrStore(at, turn));
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
      const rows = axis === this.rowAxis ? ROWS : 1;
      const cuts = cutsOf(this.nest.leaves, axis);
      cuts.forEach((from, i) => {
        const corner = cuts.length > 1 ? new Map([...turn.corner, [axis, from]]) : turn.corner;
        const at = this.pointers.advanced(pointers, axis, from);
        this.pointers.cut(at, axis, (cuts[i + 1] ?? count) - from, rows, (each, size) =>
          inside({ ...turn, rows: size, corner })(each),
        );
      });
      return;
    }
    const { turns, rest, tail } = cutRow(count, this.unroll);
    const full: Turn = { ...turn, vectors: this.unroll, lanesOfLast: LANES };
    if (turns > 0) this.pointers.loop(pointers, axis, turns, LANES * this.unroll, inside(full));
    if (rest === 0) return;
    const after = this.pointers.advanced(pointers, axis, turns * LANES * this.unroll);
    inside({ ...turn, vectors: rest, lanesOfLast: tail })(after);
  }

  private foldOrStore(pointers: ReadonlyMap<string, number>, turn: Turn): void {
    const { nest, inner, outer } = this;
    if (nest.folds.length === 0) {
      this.storeAll(pointers, turn);
      return;
    }
    const splits = inner.length > 0 && inner.at(-1)!.axis === this.rowAxis;
    const width = this.laneIsFolded ? this.unroll : turn.vectors;
    const rows = splits ? ROWS : turn.rows;
    const sums = nest.folds.map(({ kind }) =>
      Array.from({ length: rows }, () => Array.from({ length: width }, () => this.neutral(kind))),
    );
    this.loops(inner, 0, outer.length, pointers, turn, (at, innerTurn) => {
      nest.folds.forEach((fold, i) => this.accumulate(fold, sums[i]!, at, innerTurn));
      this.storeAll(at, innerTurn);
    });
    nest.folds.forEach(({ kind, stream }, i) => {
      const [first, ...others] = sums[i]!;
      if (splits) for (const other of others) this.combine(kind, first!, other);
      if (this.laneIsFolded) this.storeAcrossLanes(kind, first!, stream, pointers);
      else
        (splits ? [first!] : sums[i]!).forEach((vectors, row) =>
          vectors.forEach((local, vector) => this.store(stream, local, placeOf(pointers, turn, vector, row))),
        );
    });
  }

  private neutral(kind: Fold["kind"]): number {
    const local = this.f.local(V128);
    this.pushNeutral(kind);
    this.f.set(local);
    return local;
  }

  private combine(kind: Fold["kind"], into: readonly number[], others: readonly number[]): void {
    into.forEach((local, vector) => this.f.get(local).get(others[vector]!).simd(opcodeOf(kind)).set(local));
  }

  private storeAll(pointers: ReadonlyMap<string, number>, turn: Turn): void {
    const { nest, inPlace } = this;
    for (const group of this.groups(pointers, turn)) {
      const whole = group.every((place) => nest.stores.every(({ stream }) => this.inOneGo(stream, place)));
      if (group.length === 1 && whole && !inPlace) this.storeDirectly(group[0]!);
      else {
        if (turn.rows > 1) for (const { value } of nest.stores) this.values.computeTogether(value, group);
        const computed = nest.stores.map(({ value }) => group.map((place) => this.compute(value, place)));
        nest.stores.forEach(({ stream }, i) => {
          group.forEach((place, j) => this.store(stream, computed[i]![j]!, place));
        });
      }
    }
  }

  /** Places of a turn that are handled together: all rows of a vector, or of a pair of vectors that may be joined. */
  private groups(pointers: ReadonlyMap<string, number>, turn: Turn): Place[][] {
    const together = this.options.paired ? 2 : 1;
    return Array.from({ length: Math.ceil(turn.vectors / together) }, (_, group) => {
      const vectors = Array.from({ length: together }, (_, i) => group * together + i).filter((v) => v < turn.vectors);
      return Array.from({ length: turn.rows }, (_, row) =>
        vectors.map((vector) => placeOf(pointers, turn, vector, row)),
      ).flat();
    });
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
      f.store(this.offsetOf(stream, place));
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
    const first = this.offsetOf(stream, place);
    if (this.inOneGo(stream, place)) f.get(pointer).get(local).store(first);
    else
      for (let lane = 0; lane < (step === 0 ? 1 : place.lanesLeft); lane++)
        f.get(pointer)
          .get(local)
          .storeLane(first + lane * step, lane);
  }

  /** Of a place's first element, from where the stream's pointer is. */
  private offsetOf(stream: Stream, { vector, row = 0 }: Place): number {
    const { lane } = this.nest;
    const ofVectors = lane < 0 ? 0 : vector * LANES * stepOf(stream, lane);
    return offsetOf(stream) + ofVectors + (row === 0 ? 0 : row * stepOf(stream, this.rowAxis!));
  }

  private accumulate(
    { kind, value }: Fold,
    sums: readonly (readonly number[])[],
    pointers: ReadonlyMap<string, number>,
    turn: Turn,
  ): void {
    const { f, values } = this;
    for (const group of this.groups(pointers, turn)) {
      if (turn.rows > 1) values.computeTermTogether(value, group);
      for (const place of group) {
        const sum = sums[place.row!]![place.vector]!;
        const masked = this.laneIsFolded && place.lanesLeft < LANES;
        if (kind === "sum" && !masked) values.pushSum(sum, value, place);
        else {
          f.get(sum);
          values.push(value, place);
          if (masked) this.maskLanes(kind, place.lanesLeft);
          f.simd(opcodeOf(kind));
        }
        f.set(sum);
      }
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
    const opcode = opcodeOf(kind);
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

const opcodeOf = (kind: Fold["kind"]): number => (kind === "sum" ? SIMD.add : SIMD.max);

const placeOf = (pointers: ReadonlyMap<string, number>, turn: Turn, vector: number, row = 0): Place => ({
  pointers,
  vector,
  row,
  corner: turn.corner,
  lanesLeft: vector === turn.vectors - 1 ? turn.lanesOfLast : LANES,
});

/** Loops over what is kept; a row that is handled in one turn surrounds the others, so that they need not load its values anew. */
function outerLoops(
  kept: readonly number[],
  row: readonly number[],
  lengths: readonly number[],
  leaves: readonly Leaf[],
  written: readonly Stream[],
): Loop[] {
  const merged = mergeLoops([...kept, ...row], lengths, leaves, written);
  const [lane] = row;
  if (merged.length <= 1 || lane === undefined || lengths[lane]! > SHORT_ROW) return merged;
  return [{ axis: lane, count: lengths[lane]! }, ...mergeLoops(kept, lengths, leaves, written)];
}
