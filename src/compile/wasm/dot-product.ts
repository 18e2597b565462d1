import { LANES } from "../vectors.js";
import { type FunctionBuilder, SIMD, V128 } from "./assembler.js";
import { keyOf, stepOf, type Stream } from "./loop-nest.js";
import { ProductEmitter } from "./product-emitter.js";

type At = ReadonlyMap<string, number>;

/** Sums kept in registers at once. */
const SUMS = 8;

/** A matrix product with lanes along the summed axis: right for few rows or columns of vectors that lie ready. */
export class DotProduct extends ProductEmitter {
  /** The sums of lanes are added up at the end. */
  emit(): void {
    const { m, n, lengths, pointers } = this;
    const [thin, wide] = lengths[m]! <= lengths[n]! ? [m, n] : [n, m];
    const narrow = lengths[thin]!;
    const rows = Math.max(1, Math.floor(SUMS / narrow));
    const batch = lengths.map((_, axis) => axis).filter((axis) => axis < m);
    pointers.nest(batch, lengths, pointers.initial(), (at) =>
      pointers.cut(at, wide, lengths[wide]!, rows, (atTile, height) =>
        this.dotTile(atTile, wide, height, thin, narrow),
      ),
    );
  }

  private dotTile(at: At, wide: number, height: number, thin: number, narrow: number): void {
    const { f, k, lengths } = this;
    const [tall, slim] = wide === this.m ? [this.left, this.right] : [this.right, this.left];
    const sums = this.clearedSums(height * narrow);
    const loaded = Array.from({ length: narrow }, () => f.local(V128));
    const factor = f.local(V128);
    const term = (inner: At, lanes: number): void => {
      loaded.forEach((local, c) => this.loadLanes(inner, slim, c * stepOf(slim, thin), lanes).set(local));
      for (let r = 0; r < height; r++) {
        this.loadLanes(inner, tall, r * stepOf(tall, wide), lanes).set(factor);
        loaded.forEach((local, c) => this.multiplyAdd(factor, local, sums[r * narrow + c]!));
      }
    };
    const vectors = Math.floor(lengths[k]! / LANES);
    if (vectors > 0) this.pointers.loop(at, k, vectors, LANES, (inner) => term(inner, LANES));
    if (lengths[k]! % LANES > 0) term(this.pointers.advanced(at, k, vectors * LANES), lengths[k]! % LANES);
    sums.forEach((sum, i) => {
      const [r, c] = [Math.floor(i / narrow), i % narrow];
      this.storeTotal(at, sum, r * stepOf(this.stores[0]!.stream, wide) + c * stepOf(this.stores[0]!.stream, thin));
    });
  }

  /** A vector along the summed axis, zero beyond its end. */
  private loadLanes(at: At, stream: Stream, shift: number, lanes: number): FunctionBuilder {
    const { f } = this;
    f.get(at.get(keyOf(stream))!).load(stream.start + shift);
    if (lanes === LANES) return f;
    return f.lanes(Array.from({ length: LANES }, (_, lane) => (lane < lanes ? -1 : 0))).simd(SIMD.and);
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
