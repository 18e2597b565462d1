import { identityMap, stridesOf } from "../access.js";
import type { ContractionKernel } from "../fuse.js";
import type { Access, ContractionNode } from "../node.js";
import { BLOCK, type ContractionForm, LANES, roundUp } from "../layout.js";
import { type FunctionBuilder, SIMD, V128 } from "./assembler.js";
import type { KernelContext } from "./kernel-context.js";
import { keyOf, Pointers, stepOf, type Stream } from "./loop-nest.js";

type At = ReadonlyMap<string, number>;

/** Rows and vectors of the result that are summed at once, in registers. */
interface Tile {
  readonly rows: number;
  readonly columns: number;
}

/** Summed products of at most this many terms keep all their vectors in registers while the rows stream by. */
const FEW_TERMS = 4;

/** Emits a matrix product. Every element is summed in the order of the summed axis (in a dot product: each lane). */
export function emitContractionKernel(
  f: FunctionBuilder,
  kernel: ContractionKernel,
  form: ContractionForm,
  blockedAxis: number,
  context: KernelContext,
): void {
  const emitter = new ContractionEmitter(f, kernel, blockedAxis, context);
  if (form.kind === "dot") emitter.dot();
  else emitter.outer(form.lane, form.vector);
}

class ContractionEmitter {
  private readonly node: ContractionNode;
  private readonly lengths: readonly number[];
  private readonly left: Stream;
  private readonly right: Stream;
  private readonly result: Stream;
  private readonly pointers: Pointers;
  /** Axes of the space. */
  private readonly m: number;
  private readonly n: number;
  private readonly k: number;

  constructor(
    private readonly f: FunctionBuilder,
    kernel: ContractionKernel,
    blockedAxis: number,
    private readonly context: KernelContext,
  ) {
    const node = (this.node = kernel.nodes[0]);
    const rank = node.space.length;
    [this.m, this.n, this.k] = [rank - 3, rank - 2, rank - 1];
    this.lengths = node.space.map((length, axis) => (axis === blockedAxis ? BLOCK : length));
    this.left = this.streamOf(node.left);
    this.right = this.streamOf(node.right);
    this.result = this.streamOf({ node, map: identityMap(rank - 1) });
    this.pointers = new Pointers(f, [this.left, this.right, this.result], blockedAxis);
  }

  /** Lanes along an axis of the result. */
  outer(lane: number, vector: "left" | "right"): void {
    const { m, n, lengths, pointers } = this;
    const row = vector === "right" ? m : n;
    const vectors = vector === "right" ? this.right : this.left;
    const scalars = vector === "right" ? this.left : this.right;
    const tile = this.tileFor(lengths[row]!, lane >= 0 && stepOf(scalars, lane) !== 0);
    const rest = lengths.map((_, axis) => axis).filter((axis) => ![row, lane, this.k].includes(axis));
    const columns = lane < 0 ? LANES : roundUp(lengths[lane]!, LANES);
    pointers.nest(rest, lengths, pointers.initial(), (at) => {
      pointers.cut(at, lane, columns, tile.columns * LANES, (atColumn, elements) => {
        const width = elements / LANES;
        if (lengths[this.k]! <= FEW_TERMS) this.fewTerms(atColumn, row, lane, width, scalars, vectors);
        else
          pointers.cut(atColumn, row, lengths[row]!, tile.rows, (atTile, rows) =>
            this.sumTile(atTile, { rows, columns: width }, row, lane, scalars, vectors),
          );
      });
    });
  }

  /** Lanes along the summed axis: the sums of lanes are added up at the end. */
  dot(): void {
    const { m, n, lengths, pointers } = this;
    const [thin, wide] = lengths[m]! <= lengths[n]! ? [m, n] : [n, m];
    const narrow = lengths[thin]!;
    const rows = Math.max(1, Math.floor(8 / narrow));
    const batch = lengths.map((_, axis) => axis).filter((axis) => axis < m);
    pointers.nest(batch, lengths, pointers.initial(), (at) =>
      pointers.cut(at, wide, lengths[wide]!, rows, (atTile, height) =>
        this.dotTile(atTile, wide, height, thin, narrow),
      ),
    );
  }

  private streamOf({ node, map }: Access): Stream {
    const placement = this.context.placements.get(node)!;
    const { start, steps } = stridesOf(map, placement.strides, this.node.space.length);
    return { region: placement.region, start: placement.offset + 4 * start, steps };
  }

  /** At most eight accumulators; with the loads of one term they fit V8's fifteen registers. */
  private tileFor(rows: number, scalarsAreVectors: boolean): Tile {
    if (scalarsAreVectors) return { rows: Math.min(rows, 2), columns: 2 };
    if (rows === 3 || rows === 4) return { rows, columns: 2 };
    return { rows: Math.min(rows, 2), columns: 4 };
  }

  private sumTile(at: At, { rows, columns }: Tile, row: number, lane: number, scalars: Stream, vectors: Stream): void {
    const { f, k, lengths } = this;
    const sums = this.clearedSums(rows * columns);
    const loaded = Array.from({ length: columns }, () => f.local(V128));
    const factor = f.local(V128);
    this.pointers.loop(at, k, lengths[k]!, 1, (inner) => {
      loaded.forEach((local, c) => this.load(inner, vectors, lane, c, 0, f).set(local));
      for (let r = 0; r < rows; r++) {
        const shift = r * stepOf(scalars, row);
        const perColumn = lane >= 0 && stepOf(scalars, lane) !== 0;
        if (!perColumn) this.load(inner, scalars, lane, 0, shift, f).set(factor);
        for (let c = 0; c < columns; c++) {
          if (perColumn) this.load(inner, scalars, lane, c, shift, f).set(factor);
          this.multiplyAdd(factor, loaded[c]!, sums[r * columns + c]!);
        }
      }
    });
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) this.store(at, sums[r * columns + c]!, lane, c, r * stepOf(this.result, row));
  }

  /** Vectors of all terms stay in registers; four rows a turn. */
  private fewTerms(at: At, row: number, lane: number, columns: number, scalars: Stream, vectors: Stream): void {
    const { f, k, lengths } = this;
    for (let first = 0; first < columns; first += 2) {
      const width = Math.min(2, columns - first);
      const held = Array.from({ length: lengths[k]! }, (_, term) =>
        Array.from({ length: width }, (_, c) => {
          const local = f.local(V128);
          this.load(at, vectors, lane, first + c, term * stepOf(vectors, k), f).set(local);
          return local;
        }),
      );
      this.pointers.cut(at, row, lengths[row]!, 4, (inner, rows) => {
        for (let r = 0; r < rows; r++) {
          const sums = this.clearedSums(width);
          const factor = f.local(V128);
          held.forEach((terms, term) => {
            const shift = r * stepOf(scalars, row) + term * stepOf(scalars, k);
            const perColumn = lane >= 0 && stepOf(scalars, lane) !== 0;
            if (!perColumn) this.load(inner, scalars, lane, 0, shift, f).set(factor);
            terms.forEach((local, c) => {
              if (perColumn) this.load(inner, scalars, lane, first + c, shift, f).set(factor);
              this.multiplyAdd(factor, local, sums[c]!);
            });
          });
          sums.forEach((sum, c) => this.store(inner, sum, lane, first + c, r * stepOf(this.result, row)));
        }
      });
    }
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
      this.storeTotal(at, sum, r * stepOf(this.result, wide) + c * stepOf(this.result, thin));
    });
  }

  private clearedSums(count: number): number[] {
    return Array.from({ length: count }, () => {
      const local = this.f.local(V128);
      this.f.splat(0).set(local);
      return local;
    });
  }

  /** Vector number `column` along the lane axis, or the one element if the stream does not move along it. */
  private load(at: At, stream: Stream, lane: number, column: number, shift: number, f: FunctionBuilder) {
    const step = lane < 0 ? 0 : stepOf(stream, lane);
    f.get(at.get(keyOf(stream))!);
    return step === 0 ? f.loadSplat(stream.start + shift) : f.load(stream.start + shift + column * LANES * step);
  }

  /** A vector along the summed axis, zero beyond its end. */
  private loadLanes(at: At, stream: Stream, shift: number, lanes: number): FunctionBuilder {
    const { f } = this;
    f.get(at.get(keyOf(stream))!).load(stream.start + shift);
    if (lanes === LANES) return f;
    return f.lanes(Array.from({ length: LANES }, (_, lane) => (lane < lanes ? -1 : 0))).simd(SIMD.and);
  }

  private multiplyAdd(a: number, b: number, sum: number): void {
    const { f } = this;
    if (this.context.relaxed) f.get(a).get(b).get(sum).simd(SIMD.relaxedMultiplyAdd).set(sum);
    else f.get(sum).get(a).get(b).simd(SIMD.mul).simd(SIMD.add).set(sum);
  }

  private store(at: At, sum: number, lane: number, column: number, shift: number): void {
    const { f, result } = this;
    f.get(at.get(keyOf(result))!).get(sum);
    if (lane < 0) f.storeLane(result.start + shift, 0);
    else f.store(result.start + shift + column * LANES * 4);
  }

  private storeTotal(at: At, sum: number, shift: number): void {
    const { f, result } = this;
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
