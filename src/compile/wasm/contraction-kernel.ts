import { stridesOf } from "../access.js";
import type { ContractionKernel } from "../fuse.js";
import { type ContractionForm } from "../layout.js";
import { BLOCK, LANES, roundUp } from "../vectors.js";
import type { Access, ContractionNode, ElementwiseNode } from "../node.js";
import { type FunctionBuilder, SIMD, V128 } from "./assembler.js";
import type { KernelContext } from "./kernel-context.js";
import type { Value } from "./lanes.js";
import { keyOf, Pointers, stepOf, type Stream } from "./loop-nest.js";
import { KernelTrace } from "./loop-kernel.js";
import type { Store } from "./nest.js";
import { type Place, ValueEmitter } from "./value-emitter.js";

type At = ReadonlyMap<string, number>;

/** Rows and vectors of the result that are summed at once, in registers. */
interface Tile {
  readonly rows: number;
  readonly columns: number;
}

interface Operands {
  /** Axes of the space: rows of a tile, and its vectors. */
  readonly row: number;
  readonly lane: number;
  readonly vectors: Stream;
  readonly scalars: Stream;
  readonly epilogue: ValueEmitter;
}

const movesAlong = (stream: Stream, lane: number): boolean => lane >= 0 && stream.steps[lane] !== 0;

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
  /** Follows the epilogue; its leaf number 0 is the sum in a register. */
  private readonly trace: KernelTrace;
  private readonly stores: readonly Store[];
  private readonly pointers: Pointers;
  /** Axes of the space. */
  private readonly m: number;
  private readonly n: number;
  private readonly k: number;

  constructor(
    private readonly f: FunctionBuilder,
    { contraction: node, epilogue }: ContractionKernel,
    blockedAxis: number,
    private readonly context: KernelContext,
  ) {
    this.node = node;
    const rank = node.space.length;
    [this.m, this.n, this.k] = [rank - 3, rank - 2, rank - 1];
    this.lengths = node.space.map((length, axis) => (axis === blockedAxis ? BLOCK : length));
    this.left = this.streamOf(node.left);
    this.right = this.streamOf(node.right);
    this.trace = new KernelTrace(rank, context);
    const sum = this.trace.leaf({ region: "index", start: 0, steps: node.space.map(() => 1) });
    this.trace.know(node, sum);
    this.stores = this.storesOf([node, ...epilogue], sum);
    const others = [...this.trace.leaves.slice(1), ...this.stores.map(({ stream }) => stream)];
    this.pointers = new Pointers(f, [this.left, this.right, ...others], blockedAxis);
  }

  /** Lanes along an axis of the result. */
  outer(lane: number, vector: "left" | "right"): void {
    const { m, n, k, lengths, pointers } = this;
    const row = vector === "right" ? m : n;
    const operands: Operands = {
      row,
      lane,
      vectors: vector === "right" ? this.right : this.left,
      scalars: vector === "right" ? this.left : this.right,
      epilogue: new ValueEmitter(
        this.f,
        this.stores.map(({ value }) => value),
        {
          ...this.context,
          constantOffset: (bits) => this.context.constantOffset(bits),
          leaves: this.trace.leaves,
          loops: [],
          lane,
          row,
        },
      ),
    };
    const tile = this.tileFor(operands);
    const rest = lengths.map((_, axis) => axis).filter((axis) => ![row, lane, k].includes(axis));
    const columns = lane < 0 ? LANES : roundUp(lengths[lane]!, LANES);
    pointers.nest(rest, lengths, pointers.initial(), (at) => {
      pointers.cut(at, lane, columns, tile.columns * LANES, (atColumn, elements) => {
        const width = elements / LANES;
        if (lengths[k]! <= FEW_TERMS) this.fewTerms(atColumn, width, operands);
        else
          pointers.cut(atColumn, row, lengths[row]!, tile.rows, (atTile, rows) => {
            this.sumTile(atTile, { rows, columns: width }, operands);
          });
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

  /** What is kept of the sums and of values computed from them. */
  private storesOf(nodes: readonly (ContractionNode | ElementwiseNode)[], sum: Value): Store[] {
    return nodes.flatMap((node) => {
      const value = node.kind === "contraction" ? sum : this.trace.compute(node);
      return this.context.stored.has(node) ? [this.trace.store(node, value)] : [];
    });
  }

  /**
   * Sums of a tile and the loads of one term have to fit V8's fifteen registers; joined vectors take half as many.
   */
  private tileFor({ row, lane, scalars }: Operands): Tile {
    const rows = this.lengths[row]!;
    const factor = this.context.paired ? 2 : 1;
    if (movesAlong(scalars, lane)) return { rows: Math.min(rows, 2), columns: 2 * factor };
    if (rows === 3 || rows === 4) return { rows, columns: 2 * factor };
    return { rows: Math.min(rows, 2 * factor), columns: 4 };
  }

  private sumTile(at: At, { rows, columns }: Tile, operands: Operands): void {
    const { f, k, lengths } = this;
    const { row, lane, scalars, vectors } = operands;
    const sums = Array.from({ length: rows }, () => this.clearedSums(columns));
    const loaded = Array.from({ length: columns }, () => f.local(V128));
    const factor = f.local(V128);
    this.pointers.loop(at, k, lengths[k]!, 1, (inner) => {
      loaded.forEach((local, c) => this.load(inner, vectors, lane, c, 0).set(local));
      sums.forEach((rowSums, r) => {
        this.addProducts(inner, scalars, lane, 0, r * stepOf(scalars, row), factor, loaded, rowSums);
      });
    });
    this.storeTile(at, sums, 0, operands);
  }

  /** Vectors of all terms stay in registers; four rows a turn. */
  private fewTerms(at: At, columns: number, operands: Operands): void {
    const { f, k, lengths } = this;
    const { row, lane, scalars, vectors } = operands;
    const factor = f.local(V128);
    const most = this.context.paired ? 4 : 2;
    for (let first = 0; first < columns; first += most) {
      const width = Math.min(most, columns - first);
      const held = Array.from({ length: lengths[k]! }, (_, term) =>
        Array.from({ length: width }, (_, c) => {
          const local = f.local(V128);
          this.load(at, vectors, lane, first + c, term * stepOf(vectors, k)).set(local);
          return local;
        }),
      );
      this.pointers.cut(at, row, lengths[row]!, 4, (inner, rows) => {
        for (let r = 0; r < rows; r++) {
          const sums = this.clearedSums(width);
          held.forEach((terms, term) => {
            const shift = r * stepOf(scalars, row) + term * stepOf(scalars, k);
            this.addProducts(inner, scalars, lane, first, shift, factor, terms, sums);
          });
          // The stores of a row separate its loads from those of the next, so that registers suffice.
          const skipped = Array.from({ length: r }, () => []);
          this.storeTile(inner, [...skipped, sums], first, operands);
        }
      });
    }
  }

  /** sums += factor · terms, with one factor for all vectors of a row unless it, too, moves along the lanes. */
  private addProducts(
    at: At,
    scalars: Stream,
    lane: number,
    first: number,
    shift: number,
    factor: number,
    terms: readonly number[],
    sums: readonly number[],
  ): void {
    const many = movesAlong(scalars, lane);
    if (!many) this.load(at, scalars, lane, 0, shift).set(factor);
    terms.forEach((term, c) => {
      if (many) this.load(at, scalars, lane, first + c, shift).set(factor);
      this.multiplyAdd(factor, term, sums[c]!);
    });
  }

  /** Runs the epilogue on sums[row][column]; columns are counted from `first`. */
  private storeTile(
    at: At,
    sums: readonly (readonly number[])[],
    first: number,
    { epilogue, row, lane }: Operands,
  ): void {
    const { f, stores, trace } = this;
    const together = this.context.paired ? 2 : 1;
    epilogue.scope(() => {
      sums.forEach((rowSums, r) => {
        for (let column = 0; column < rowSums.length; column += together) {
          const places = rowSums.slice(column, column + together).map((sum, i): Place => {
            const place = { pointers: at, vector: first + column + i, row: r, lanesLeft: LANES };
            epilogue.know(trace.graph.leaf(0), place, sum);
            return place;
          });
          const values = stores.map(({ value }) =>
            places.map((place) => {
              const local = f.local(V128);
              epilogue.push(value, place);
              f.set(local);
              return local;
            }),
          );
          stores.forEach(({ stream }, i) => {
            places.forEach((place, j) => this.store(stream, values[i]![j]!, place, row, lane));
          });
        }
      });
    });
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

  private clearedSums(count: number): number[] {
    return Array.from({ length: count }, () => {
      const local = this.f.local(V128);
      this.f.splat(0).set(local);
      return local;
    });
  }

  /** Vector number `column` along the lane axis, or the one element if the stream does not move along it. */
  private load(at: At, stream: Stream, lane: number, column: number, shift: number): FunctionBuilder {
    const { f } = this;
    f.get(at.get(keyOf(stream))!);
    return movesAlong(stream, lane)
      ? f.load(stream.start + shift + column * LANES * 4)
      : f.loadSplat(stream.start + shift);
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

  private store(
    stream: Stream,
    local: number,
    { pointers, vector, row = 0 }: Place,
    rowAxis: number,
    lane: number,
  ): void {
    const { f } = this;
    const start = stream.start + row * stepOf(stream, rowAxis);
    f.get(pointers.get(keyOf(stream))!).get(local);
    if (lane < 0) f.storeLane(start, 0);
    else f.store(start + vector * LANES * 4);
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
