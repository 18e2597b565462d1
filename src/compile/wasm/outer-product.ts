import { LANES, roundUp } from "../vectors.js";
import { type FunctionBuilder, V128 } from "./assembler.js";
import { orderOfStores } from "./joined-vectors.js";
import { keyOf, stepOf, type Stream } from "./streams.js";
import { ProductEmitter } from "./product-emitter.js";
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

/** A matrix product with lanes along an axis of the result, summed in tiles of registers. */
export class OuterProduct extends ProductEmitter {
  /** One operand is loaded in vectors along `lane`, the other in scalars. */
  emit(lane: number, vector: "left" | "right"): void {
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
          pointers.cutEvenly(atColumn, row, lengths[row]!, tile.rows, (atTile, rows) => {
            this.sumTile(atTile, { rows, columns: width }, operands);
          });
      });
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
    return { rows: Math.min(rows, this.context.tileRows), columns: 4 };
  }

  private sumTile(at: At, { rows, columns }: Tile, operands: Operands): void {
    const { f, k, lengths } = this;
    const { row, lane, scalars, vectors } = operands;
    const sums = Array.from({ length: rows }, () => this.clearedSums(columns));
    const loaded = Array.from({ length: columns }, () => f.local(V128));
    const factor = f.local(V128);
    const addTerm = (inner: At): void => {
      loaded.forEach((local, c) => this.load(inner, vectors, lane, c, 0).set(local));
      sums.forEach((rowSums, r) => {
        this.addProducts(inner, scalars, lane, 0, r * stepOf(scalars, row), factor, loaded, rowSums);
      });
    };
    if (this.context.paired) this.pointers.peeledLoop(at, k, lengths[k]!, addTerm);
    else this.pointers.loop(at, k, lengths[k]!, 1, addTerm);
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
            for (const j of orderOfStores(places)) this.store(stream, values[i]![j]!, places[j]!, row, lane);
          });
        }
      });
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
}
