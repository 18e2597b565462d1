import { LANES } from "../vectors.js";
import { type FunctionBuilder, SIMD, V128 } from "./assembler.js";
import { orderOfStores, passThroughMemory } from "./joined-vectors.js";
import type { Fold, NestOptions } from "./nest.js";
import { keyOf, type Stream } from "./streams.js";
import { placeOf, type Turn, type TurnEmitter } from "./turn.js";
import type { Place, ValueEmitter } from "./value-emitter.js";

/** How many vectors and rows of a turn a fold collects apart, and what becomes of them at its end. */
export interface FoldShape {
  readonly rows: number;
  readonly vectors: number;
  /** True where rows are folded into one. */
  readonly rowsAreFolded: boolean;
  /** True where the lanes of all vectors are folded into one element. */
  readonly laneIsFolded: boolean;
}

/** Emits folds in registers: `begin`, any number of turns, `end`. */
export class FoldEmitter {
  /** A register for each fold, row and vector. */
  private readonly sums: readonly (readonly (readonly number[])[])[];

  constructor(
    private readonly f: FunctionBuilder,
    private readonly folds: readonly Fold[],
    private readonly options: NestOptions,
    private readonly values: ValueEmitter,
    private readonly turns: TurnEmitter,
    private readonly shape: FoldShape,
  ) {
    this.sums = folds.map(({ kind }) =>
      Array.from({ length: shape.rows }, () => Array.from({ length: shape.vectors }, () => this.neutral(kind))),
    );
  }

  /** Folds the values of one turn. */
  accumulate(pointers: ReadonlyMap<string, number>, turn: Turn): void {
    this.folds.forEach((fold, i) => this.accumulateOne(fold, this.sums[i]!, pointers, turn));
  }

  /** Writes the results to where the turn's pointers are. */
  end(pointers: ReadonlyMap<string, number>, turn: Turn): void {
    const { laneIsFolded, rowsAreFolded } = this.shape;
    this.folds.forEach(({ kind, stream }, i) => {
      const [first, ...others] = this.sums[i]!;
      if (rowsAreFolded) for (const other of others) this.combine(kind, first!, other);
      if (laneIsFolded) this.storeAcrossLanes(kind, first!, stream, pointers);
      else
        (rowsAreFolded ? [first!] : this.sums[i]!).forEach((vectors, row) =>
          this.storeRow(vectors, stream, (vector) => placeOf(pointers, turn, vector, row)),
        );
    });
  }

  private storeRow(vectors: readonly number[], stream: Stream, placeAt: (vector: number) => Place): void {
    const places = vectors.map((_, vector) => placeAt(vector));
    for (const vector of orderOfStores(places)) this.turns.store(stream, vectors[vector]!, places[vector]!);
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

  private accumulateOne(
    { kind, value }: Fold,
    sums: readonly (readonly number[])[],
    pointers: ReadonlyMap<string, number>,
    turn: Turn,
  ): void {
    const { f, values } = this;
    for (const group of this.turns.groups(pointers, turn)) {
      if (turn.rows > 1) values.computeTermTogether(value, group);
      for (const place of group) {
        const sum = sums[place.row!]![place.vector]!;
        const masked = this.shape.laneIsFolded && place.lanesLeft < LANES;
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
