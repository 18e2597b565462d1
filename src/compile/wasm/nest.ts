import { LANES, roundUp } from "../vectors.js";
import type { FunctionBuilder } from "./assembler.js";
import { FoldEmitter } from "./fold-emitter.js";
import type { Value } from "./lanes.js";
import { cutRow, type Loop, mergeLoops, Pointers } from "./loop-nest.js";
import { cutsOf, type Leaf, stepOf, type Stream, streamsOf } from "./streams.js";
import { placeOf, type Turn, TurnEmitter } from "./turn.js";
import { ValueEmitter } from "./value-emitter.js";

/** Vectors handled in one turn of the innermost loop, at most. */
const UNROLL = 4;
/** Instructions for one vector beyond which a longer loop body gains nothing. */
const LIGHT_BODY = 24;
/** Instructions for one vector beyond which even a short row takes several turns: code takes time to compile. */
const MODERATE_BODY = 48;

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
  readonly brief: boolean;
  readonly scratch: number;
  constantOffset(bits: number): number;
}

/** Emits the loops of a nest. Folds run in a fixed order: four sums a lane at most, then lanes pairwise. */
export function emitNest(f: FunctionBuilder, nest: Nest, options: NestOptions): void {
  new NestEmitter(f, nest, options).emit();
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
  /** Whether turns are of one vector: only where no sum depends on it. */
  private readonly brief: boolean;
  private readonly turns: TurnEmitter;

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
    this.brief = options.brief && folds.length === 0;
    this.rowAxis = short && innermost !== lane && !this.brief ? innermost : undefined;
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
    this.turns = new TurnEmitter(f, nest, options, this.values, this.rowAxis);
    this.unroll = this.turnLength();
  }

  emit(): void {
    const pointers = this.pointers.initial();
    this.values.hold(0, 1, (vector) => ({ pointers, vector, lanesLeft: LANES }));
    this.loops(this.outer, 0, 0, pointers, START, (at, turn) => this.foldOrStore(at, turn));
  }

  /**
   * Vectors of one turn: the shorter the body, the more, and those of a short row all at once. A fold along the lanes depends on
   * it, so nothing else may.
   */
  private turnLength(): number {
    if (this.brief) return 1;
    const fitting = Math.floor(LIGHT_BODY / this.values.instructions);
    // Two chains of dependent instructions at a time keep the processor busy, and pairs can be joined.
    const least = this.laneIsFolded ? 1 : 2;
    const ofRow = Math.ceil((this.nest.lengths[this.nest.lane] ?? 0) / LANES);
    const isShort = ofRow > least && ofRow <= UNROLL && this.values.instructions <= MODERATE_BODY;
    if (isShort && !this.laneIsFolded) return ofRow;
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
    const { f, nest, inner, outer, laneIsFolded, turns } = this;
    if (nest.folds.length === 0) {
      turns.storeAll(pointers, turn);
      return;
    }
    const rowsAreFolded = inner.length > 0 && inner.at(-1)!.axis === this.rowAxis;
    const folds = new FoldEmitter(f, nest.folds, this.options, this.values, turns, {
      rows: rowsAreFolded ? ROWS : turn.rows,
      vectors: laneIsFolded ? this.unroll : turn.vectors,
      rowsAreFolded,
      laneIsFolded,
    });
    this.loops(inner, 0, outer.length, pointers, turn, (at, innerTurn) => {
      folds.accumulate(at, innerTurn);
      turns.storeAll(at, innerTurn);
    });
    folds.end(pointers, turn);
  }
}

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
