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

  /** The sums of lanes are added up at the end. */
  emit(): void {
    const { m, n, lengths, pointers } = this;
    const [thin, wide] = lengths[m]! <= lengths[n]! ? [m, n] : [n, m];
    const narrow = lengths[thin]!;
    const rows = this.rowsAtOnce(narrow);
    const batch = lengths.map((_, axis) => axis).filter((axis) => axis < m);
    pointers.nest(batch, lengths, pointers.initial(), (at) =>
      pointers.cutEvenly(at, wide, lengths[wide]!, rows, (atTile, height) =>
        this.dotTile(atTile, wide, height, thin, narrow),
      ),
    );
  }

  /** Rows whose sums fit the registers. Where V8 joins pairs it also loads a row when its turn comes, else all at first. */
  private rowsAtOnce(narrow: number): number {
    const rows = this.context.paired
      ? Math.min(MOST_SUMS, REGISTERS - 1 - narrow) / narrow
      : (REGISTERS - this.spread * narrow) / (this.spread * (narrow + 1));
    return Math.max(1, Math.floor(rows));
  }

  private dotTile(at: At, wide: number, height: number, thin: number, narrow: number): void {
    const { k, lengths, spread } = this;
    const [tall, slim] = wide === this.m ? [this.left, this.right] : [this.right, this.left];
    const sums = Array.from({ length: height * narrow }, () => this.clearedSums(spread));
    const slimLoads = this.vectors(narrow);
    const [tallLoad] = this.vectors(1) as [number[]];
    const term = (inner: At, elements: number): void => {
      slimLoads.forEach((load, c) => this.load(inner, slim, c * stepOf(slim, thin), elements, load));
      for (let r = 0; r < height; r++) {
        this.load(inner, tall, r * stepOf(tall, wide), elements, tallLoad);
        slimLoads.forEach((load, c) => {
          for (let v = 0; v * LANES < elements; v++) {
            this.multiplyAdd(tallLoad[v]!, load[v]!, sums[r * narrow + c]![v]!);
          }
        });
      }
    };
    this.pointers.cut(at, k, lengths[k]!, spread * LANES, term);
    if (this.context.paired) passThroughMemory(this.f, sums.flat(), this.context.scratch);
    sums.forEach(([first, ...others], i) => {
      for (const other of others) this.f.get(first!).get(other).simd(SIMD.add).set(first!);
      const [r, c] = [Math.floor(i / narrow), i % narrow];
      this.storeTotal(at, first!, r * stepOf(this.stores[0]!.stream, wide) + c * stepOf(this.stores[0]!.stream, thin));
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

  private storeTotal(at: At, sum: number, shift: number): void {
    const { f } = this;
    const { stream: result } = this.stores[0]!;
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
