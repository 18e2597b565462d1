import type { ContractionKernel } from "../fuse.js";
import type { Access } from "../node.js";
import { WARP } from "./code.js";
import { Expressions } from "./expressions.js";
import { type Grouping, groupingsOf } from "./grouping.js";
import {
  type BlockSums,
  cutSpace,
  ElementTrace,
  forEachOfThread,
  keptNumber,
  type KernelContext,
  storedWidth,
} from "./kernel-shader.js";
import { type Loop, unravel } from "./loops.js";
import { type Counter, elementOf, elementsOfGroup, type Index } from "./shader-memory.js";
import { meet, numbersOf, shareName, type Shares } from "./shares.js";
import { chooseTile, type Tile } from "./tile.js";

/**
 * Emits a matrix product. A thread sums a tile of elements in registers: rows that are `rowTiles` apart and columns that
 * are `columnTiles` apart, so that neighbouring threads read neighbours. Where there are fewer tiles than threads,
 * several threads share the terms of one, and meet in workgroup memory.
 */
export function emitContractionKernel(kernel: ContractionKernel, lane: number, context: KernelContext): void {
  new ContractionEmitter(kernel, lane, context).emit();
}

/** The same of a matrix product that sums over the blocks of a batch. */
export const contractionSums = (kernel: ContractionKernel, lane: number, context: KernelContext): BlockSums =>
  new ContractionEmitter(kernel, lane, context);

class ContractionEmitter implements BlockSums {
  private readonly space: readonly number[];
  private readonly m: number;
  private readonly n: number;
  private readonly k: number;
  /** How the threads take neighbours together, and which elements each of them sums. */
  private readonly grouping: Grouping;
  private readonly tile: Tile;
  private readonly shares: Shares;
  /** Numbers of tiles along batch, rows and columns; the one that neighbouring threads differ in is last. */
  private readonly loops: readonly Loop[];

  constructor(
    private readonly kernel: ContractionKernel,
    private readonly lane: number,
    private readonly context: KernelContext,
  ) {
    const space = cutSpace(kernel.contraction.space, context.cut);
    this.space = space;
    [this.m, this.n, this.k] = [space.length - 3, space.length - 2, space.length - 1];
    [this.grouping, this.tile] = this.chooseTile();
    const { count, shares } = this.tile;
    const kinds = this.tileElements().map(() => "sum" as const);
    this.shares = { results: count, count: shares, kinds, fanIn: shares, shareIsFastest: false };
    const axes = [...space.slice(0, -3).keys(), ...(lane === this.m ? [this.n, this.m] : [this.m, this.n])];
    this.loops = axes.map((axis) => ({ axis, count: this.tilesAlong(axis) }));
  }

  /** The tile with which the threads are done first, with operands' neighbours loaded together or not. */
  private chooseTile(): [Grouping, Tile] {
    const { context, kernel, lane, space } = this;
    const [rows, columns, terms] = space.slice(-3) as [number, number, number];
    const batch = space.slice(0, -3).reduce((product, length) => product * length, 1);
    const tiles = groupingsOf(kernel, lane, space, context).map((grouping): [Grouping, Tile] => {
      const widths = {
        rows: grouping.widthOf(this.m),
        columns: grouping.widthOf(this.n),
        terms: grouping.widthOf(this.k),
      };
      const perLoad = { rows: grouping.perLoad("left"), columns: grouping.perLoad("right") };
      const product = { batch, rows, columns, terms: terms / widths.terms, widths, perLoad };
      return [grouping, chooseTile(product, context.threads, context.scratchWords)];
    });
    return tiles.reduce((a, b) => (b[1].time < a[1].time ? b : a));
  }

  /** Turns of the loop over all terms: each adds one, or neighbours. */
  private get turns(): number {
    return this.space[this.k]! / this.grouping.widthOf(this.k);
  }

  emit(): void {
    this.context.takeSums(this.tile.rows * this.tile.columns);
    this.finishTiles((index) => this.sumTerms(index, () => "0f"));
  }

  get perThread(): number {
    const { rows, columns, count, shares } = this.tile;
    return rows * columns * Math.ceil((count * shares) / this.context.threads);
  }

  emitBlock(sums: string): void {
    this.forEachTile((index) => {
      this.sumTerms(index, (i) => this.kept(sums, i));
      this.context.code.add(
        ...this.tileElements().map(([row, column], i) => `${this.kept(sums, i)} = ${sumName(row, column)};`),
      );
    });
  }

  emitEnd(sums: string): void {
    this.finishTiles(() =>
      this.context.code.add(
        ...this.tileElements().map(([row, column], i) => `let ${sumName(row, column)} = ${this.kept(sums, i)};`),
      ),
    );
  }

  /** Sums tiles by `compute`, which leaves sums in variables, and stores what is computed from them. */
  private finishTiles(compute: (index: Index) => void): void {
    const { context, tile, shares } = this;
    const { code } = context;
    if (tile.shares === 1) {
      this.forEachTile((index) => {
        compute(index);
        this.finish(index, sumName);
      });
      return;
    }
    const computeShare = (): void => {
      compute(this.declareTile());
      code.add(...this.tileElements().map(([row, column], i) => `${shareName(i)} = ${sumName(row, column)};`));
    };
    meet(shares, context, computeShare, (result) => {
      const { lines, index } = unravel(this.loops, result, "i");
      code.add(...lines);
      this.declareRows(index);
      this.finish(index, (row, column) => shareName(row * tile.columns + column));
    });
  }

  private kept(sums: string, i: number): string {
    const { rows, columns, count, shares } = this.tile;
    return keptNumber(this.context, sums, count * shares, rows * columns, i);
  }

  private forEachTile(body: (index: Index) => void): void {
    const { count, shares } = this.tile;
    forEachOfThread(this.context, count * shares, () => body(this.declareTile()));
  }

  /** Declares which tile a thread sums, and which share of its terms. */
  private declareTile(): Index {
    const { context, tile, shares } = this;
    const { result, share } = numbersOf(shares, context);
    if (tile.shares > 1) context.code.add(`let result = ${result};`, `let share = ${share};`);
    const { lines, index } = unravel(this.loops, tile.shares > 1 ? "result" : "n", "i");
    context.code.add(...lines);
    this.declareRows(index);
    return index;
  }

  private tilesAlong(axis: number): number {
    if (axis === this.m) return this.tile.rowTiles;
    return axis === this.n ? this.tile.columnTiles : this.space[axis]!;
  }

  /** Row and column numbers of the tile, or of groups of them; those beyond the end read the last one, and are not stored. */
  private declareRows(index: Index): void {
    for (const side of this.sides()) {
      const { first, last } = this.extent(side, index);
      for (let i = 0; i < side.count; i++) {
        const at = i === 0 ? first : `${first} + ${i * side.apart}u`;
        const mayExceed = (i + 1) * side.apart > last + 1;
        this.context.code.add(`let ${side.name}${i} = ${mayExceed ? `min(${at}, ${last}u)` : at};`);
      }
    }
  }

  private sides(): readonly [rows: Side, columns: Side] {
    const { rows, columns, rowTiles, columnTiles } = this.tile;
    const side = (axis: number, elements: number, apart: number, name: string): Side => {
      const perTurn = this.grouping.widthOf(axis);
      return { axis, perTurn, count: elements / perTurn, apart, name: perTurn > 1 ? `${name}_group` : name };
    };
    return [side(this.m, rows, rowTiles, "row"), side(this.n, columns, columnTiles, "column")];
  }

  /** Where a thread's first row or column, or group of them, is, and the last one that there is. */
  private extent({ axis, perTurn }: Side, index: Index): { first: string; last: number } {
    return { first: elementOf(index.get(axis)!), last: this.space[axis]! / perTurn - 1 };
  }

  private sumTerms(index: Index, start: (i: number) => string): void {
    const { context, tile, kernel } = this;
    const { code, memory } = context;
    const { left, right } = kernel.contraction;
    const names = this.tileElements();
    code.add(...names.map(([row, column], i) => `var ${sumName(row, column)} = ${start(i)};`));
    const { turns } = this;
    const together = this.turnsTogether();
    const step = tile.shares * together;
    const heading = `for (var k = ${tile.shares > 1 ? "share" : "0u"}; k < ${turns}u; k += ${step}u)`;
    const [rowSide, columnSide] = this.sides();
    const term = (turn: string) =>
      code.block("", () => {
        const e = new Expressions();
        const products: string[] = [];
        for (const k of elementsOfGroup(turn, this.grouping.widthOf(this.k))) {
          const load = (access: Access, side: Side, length: number): string[] => {
            const before = e.lines.length;
            const values = Array.from({ length }, (_, i) => {
              const at: Index = new Map([...index, [side.axis, counterOf(side, i)], [this.k, k]]);
              return memory.load(e, access, this.space.length, at).text;
            });
            code.whileDifferent(this.differentTiles(side.axis), () => code.add(...e.lines.slice(before)));
            return values;
          };
          const rows = load(left, rowSide, tile.rows);
          const columns = load(right, columnSide, tile.columns);
          for (const [row, column] of names) {
            const sum = sumName(row, column);
            products.push(`${sum} = fma(${rows[row]!}, ${columns[column]!}, ${sum});`);
          }
        }
        code.add(...products);
      });
    code.repeated(turns / step, () =>
      code.block(heading, () => {
        term("k");
        for (let i = 1; i < together; i++) {
          code.add(`let k${i} = k + ${i * tile.shares}u;`);
          term(`k${i}`);
        }
      }),
    );
  }

  /** How many turns of the loop over terms are written out, so that loads for the next ones begin meanwhile. */
  private turnsTogether(): number {
    const terms = this.grouping.widthOf(this.k);
    const counts = UNROLLED.filter((count) => count % terms === 0).map((count) => count / terms);
    return counts.find((count) => this.turns % (this.tile.shares * count) === 0) ?? 1;
  }

  /** How many tiles along an axis the threads of a warp have, that of the first one and those that follow. */
  private differentTiles(axis: number): number {
    const fastest = this.loops.at(-1)!;
    const along = this.tilesAlong(axis);
    if (this.tile.shares > 1) return WARP;
    return axis === fastest.axis ? Math.min(along, WARP) : Math.min(along, Math.ceil(WARP / fastest.count));
  }

  private tileElements(): TileElement[] {
    const { rows, columns } = this.tile;
    return Array.from({ length: rows * columns }, (_, i) => [Math.floor(i / columns), i % columns] as const);
  }

  /** Stores the elements of a tile, and what is computed from them. */
  private finish(index: Index, sum: (row: number, column: number) => string): void {
    const { code } = this.context;
    const sides = this.sides();
    for (const elements of this.storedTogether()) {
      const guards = sides.flatMap((side, which) => {
        const turn = Math.floor(elements[0]![which]! / side.perTurn);
        const { first, last } = this.extent(side, index);
        const mayExceed = (turn + 1) * side.apart > last + 1;
        return mayExceed ? [`${first} + ${turn * side.apart}u < ${last + 1}u`] : [];
      });
      code.block(guards.length > 0 ? `if (${guards.join(" && ")})` : "", () =>
        this.finishElements(index, elements, sum),
      );
    }
  }

  /** Elements of the tile one by one, or in groups that are stored together. */
  private storedTogether(): (readonly TileElement[])[] {
    const width = storedWidth(this.kernel.nodes, this.context);
    const isAlongRows = this.lane === this.m;
    return this.tileElements().flatMap(([row, column]) => {
      if ((isAlongRows ? row : column) % width > 0) return [];
      return [
        Array.from({ length: width }, (_, i) =>
          isAlongRows ? ([row + i, column] as const) : ([row, column + i] as const),
        ),
      ];
    });
  }

  private finishElements(
    index: Index,
    elements: readonly TileElement[],
    sum: (row: number, column: number) => string,
  ): void {
    const { code, memory, stored } = this.context;
    const { contraction, epilogue, nodes } = this.kernel;
    const [rowSide, columnSide] = this.sides();
    const e = new Expressions();
    const traces = elements.map(([row, column]) => {
      const place = new Map(index).set(this.m, counterOf(rowSide, row)).set(this.n, counterOf(columnSide, column));
      const trace = new ElementTrace(e, memory, contraction.shape.length, place);
      trace.know(contraction, e.named(sum(row, column), "f32"));
      for (const node of epilogue) trace.compute(node);
      return trace;
    });
    const written = nodes.filter((node) => stored.has(node));
    const stores = ElementTrace.groupStores(traces, written);
    code.add(...e.lines, ...stores);
  }
}

type TileElement = readonly [row: number, column: number];

/** Rows or columns of a tile: `count` turns, that are `apart`, of one element or a group. */
interface Side {
  readonly axis: number;
  readonly perTurn: number;
  readonly count: number;
  readonly apart: number;
  /** Of the variables with the turns' numbers. */
  readonly name: string;
}

/** An element of a side. */
const counterOf = ({ name, perTurn }: Side, element: number): Counter =>
  elementsOfGroup(`${name}${Math.floor(element / perTurn)}`, perTurn)[element % perTurn]!;

/** Terms that are added in one go, where their number allows it. */
const UNROLLED = [4, 2];

const sumName = (row: number, column: number): string => `sum${row}_${column}`;
