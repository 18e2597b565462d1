import { longOperand } from "../row-sums.js";
import { LANES } from "../vectors.js";
import { SIMD, V128 } from "./assembler.js";
import { passThroughMemory } from "./joined-vectors.js";
import { keyOf, stepOf, type Stream } from "./streams.js";
import { ProductEmitter } from "./product-emitter.js";

const LANE_NUMBERS = [0, 1, 2, 3];

type At = ReadonlyMap<string, number>;

/** Vector registers that V8 leaves for sums and for the operands of one term. */
const REGISTERS = 15;
/** More sums hide no more of an addition's latency. */
const MOST_SUMS = 12;

/**
 * A matrix product with lanes along the summed axis: right for few rows or columns of vectors that lie ready. Each sum
 * is collected in `spread` vectors, which V8 joins in pairs where it can; without relaxed arithmetic there are always
 * two of them, so that the order of additions is that of every machine.
 */
export class DotProduct extends ProductEmitter {
  private readonly spread = this.context.paired || !this.context.relaxed ? 2 : 1;

  /** The axis of the longer operand's rows, of which a tile has a few, and that of the shorter one's: a tile has all of them. */
  private readonly wide = longOperand(this.node).row;
  private readonly thin = this.wide === this.m ? this.n : this.m;
  private readonly narrow = this.lengths[this.thin]!;
  /** Sums for each row of a tile. */
  private readonly columns = this.narrow + (this.rowSums ? 1 : 0);

  /** The sums of lanes are added up at the end. */
  emit(): void {
    const { m, wide, lengths, pointers } = this;
    const batch = lengths.map((_, axis) => axis).filter((axis) => axis < m);
    pointers.nest(batch, lengths, pointers.initial(), (at) =>
      pointers.cutEvenly(at, wide, lengths[wide]!, this.rowsAtOnce(), (atTile, height) => this.dotTile(atTile, height)),
    );
  }

  /** Rows whose sums fit the registers. Where V8 joins pairs it also loads a row when its turn comes, else all at first. */
  private rowsAtOnce(): number {
    const { narrow, columns, spread } = this;
    const rows = this.context.paired
      ? Math.min(MOST_SUMS, REGISTERS - 1 - narrow) / columns
      : (REGISTERS - spread * narrow) / (spread * (columns + 1));
    return Math.max(1, Math.floor(rows));
  }

  private dotTile(at: At, height: number): void {
    const { f, k, wide, thin, narrow, columns, lengths, spread } = this;
    const [tall, slim] = wide === this.m ? [this.left, this.right] : [this.right, this.left];
    const sums = Array.from({ length: height * columns }, () => this.clearedSums(spread));
    const slimLoads = this.vectors(narrow);
    const [tallLoad] = this.vectors(1) as [number[]];
    const term = (inner: At, elements: number): void => {
      slimLoads.forEach((load, c) => this.load(inner, slim, c * stepOf(slim, thin), elements, load));
      for (let r = 0; r < height; r++) {
        this.load(inner, tall, r * stepOf(tall, wide), elements, tallLoad);
        const vectors = Array.from({ length: Math.ceil(elements / LANES) }, (_, v) => v);
        const ofRow = sums.slice(r * columns, (r + 1) * columns);
        slimLoads.forEach((load, c) => {
          for (const v of vectors) this.multiplyAdd(tallLoad[v]!, load[v]!, ofRow[c]![v]!);
        });
        for (const total of ofRow.slice(narrow))
          for (const v of vectors) f.get(total[v]!).get(tallLoad[v]!).simd(SIMD.add).set(total[v]!);
      }
    };
    this.pointers.cut(at, k, lengths[k]!, spread * LANES, term);
    if (this.context.paired) passThroughMemory(f, sums.flat(), this.context.scratch);
    sums.forEach(([first, ...others], i) => {
      for (const other of others) f.get(first!).get(other).simd(SIMD.add).set(first!);
      const [r, c] = [Math.floor(i / columns), i % columns];
      const target = c < narrow ? this.stores[0]!.stream : this.rowSums!;
      this.storeTotal(at, first!, target, r * stepOf(target, wide) + (c < narrow ? c * stepOf(target, thin) : 0));
    });
  }

  private vectors(count: number): number[][] {
    return Array.from({ length: count }, () => Array.from({ length: this.spread }, () => this.f.local(V128)));
  }

  /** Vectors along the summed axis, zero beyond its end. */
  private load(at: At, stream: Stream, shift: number, elements: number, into: readonly number[]): void {
    const { f } = this;
    for (let v = 0; v * LANES < elements; v++) {
      f.get(at.get(keyOf(stream))!).load(stream.start + shift + v * LANES * 4);
      const lanes = elements - v * LANES;
      if (lanes < LANES) f.lanes(LANE_NUMBERS.map((lane) => (lane < lanes ? -1 : 0))).simd(SIMD.and);
      f.set(into[v]!);
    }
  }

  private storeTotal(at: At, sum: number, result: Stream, shift: number): void {
    const { f } = this;
    for (const swapped of [
      [2, 3, 0, 1],
      [1, 0, 3, 2],
    ])
      f.get(sum).get(sum).get(sum).shuffle(swapped).simd(SIMD.add).set(sum);
    f.get(at.get(keyOf(result))!)
      .get(sum)
      .storeLane(result.start + shift, 0);
  }
}
