import type { ContractionKernel } from "../fuse.js";
import type { Access } from "../node.js";
import { Expressions } from "./expressions.js";
import {
  type BlockSums,
  cutSpace,
  ElementTrace,
  forEachOfThread,
  keptNumber,
  type KernelContext,
} from "./kernel-shader.js";
import { type Loop, unravel } from "./loops.js";
import type { Index } from "./shader-memory.js";
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
  private readonly tile: Tile;
  private readonly shares: Shares;
  /** Numbers of tiles along batch, rows and columns; the one that neighbouring threads differ in is last. */
  private readonly loops: readonly Loop[];

  constructor(
    private readonly kernel: ContractionKernel,
    lane: number,
    private readonly context: KernelContext,
  ) {
    const space = cutSpace(kernel.contraction.space, context.cut);
    this.space = space;
    [this.m, this.n, this.k] = [space.length - 3, space.length - 2, space.length - 1];
    const [rows, columns, terms] = space.slice(-3) as [number, number, number];
    const batch = space.slice(0, -3).reduce((product, length) => product * length, 1);
    this.tile = chooseTile({ batch, rows, columns, terms }, context.threads, context.scratchWords);
    const { count, shares } = this.tile;
    const kinds = this.tileElements().map(() => "sum" as const);
    this.shares = { results: count, count: shares, kinds, fanIn: shares, shareIsFastest: false };
    const axes = [...space.slice(0, -3).keys(), ...(lane === this.m ? [this.n, this.m] : [this.m, this.n])];
    this.loops = axes.map((axis) => ({ axis, count: this.tilesAlong(axis) }));
  }

  emit(): void {
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

  /** Row and column numbers of the tile; those beyond the end read the last one, and are not stored. */
  private declareRows(index: Index): void {
    for (const [axis, count, apart, name] of this.sides()) {
      const first = index.get(axis)!;
      for (let i = 0; i < count; i++) {
        const at = i === 0 ? first : `${first} + ${i * apart}u`;
        const mayExceed = (i + 1) * apart > this.space[axis]!;
        this.context.code.add(`let ${name}${i} = ${mayExceed ? `min(${at}, ${this.space[axis]! - 1}u)` : at};`);
      }
    }
  }

  private sides(): readonly (readonly [axis: number, count: number, apart: number, name: string])[] {
    const { rows, columns, rowTiles, columnTiles } = this.tile;
    return [
      [this.m, rows, rowTiles, "row"],
      [this.n, columns, columnTiles, "column"],
    ];
  }

  private sumTerms(index: Index, start: (i: number) => string): void {
    const { context, tile, kernel } = this;
    const { code, memory } = context;
    const { left, right } = kernel.contraction;
    const names = this.tileElements();
    code.add(...names.map(([row, column], i) => `var ${sumName(row, column)} = ${start(i)};`));
    const first = tile.shares > 1 ? "share" : "0u";
    const terms = this.space[this.k]!;
    const together = UNROLLED.find((count) => terms % (tile.shares * count) === 0) ?? 1;
    const heading = `for (var k = ${first}; k < ${terms}u; k += ${tile.shares * together}u)`;
    const term = (k: string) =>
      code.block("", () => {
        const e = new Expressions();
        const load = (access: Access, axis: number, at: string) =>
          memory.load(e, access, this.space.length, new Map([...index, [axis, at], [this.k, k]]));
        const rows = Array.from({ length: tile.rows }, (_, i) => load(left, this.m, `row${i}`).text);
        const columns = Array.from({ length: tile.columns }, (_, i) => load(right, this.n, `column${i}`).text);
        code.add(...e.lines);
        for (const [row, column] of names) {
          code.add(`${sumName(row, column)} = fma(${rows[row]!}, ${columns[column]!}, ${sumName(row, column)});`);
        }
      });
    code.repeated(terms / tile.shares / together, () =>
      code.block(heading, () => {
        term("k");
        for (let i = 1; i < together; i++) {
          code.add(`let k${i} = k + ${i * tile.shares}u;`);
          term(`k${i}`);
        }
      }),
    );
  }

  private tileElements(): (readonly [row: number, column: number])[] {
    const { rows, columns } = this.tile;
    return Array.from({ length: rows * columns }, (_, i) => [Math.floor(i / columns), i % columns] as const);
  }

  /** Stores the elements of a tile, and what is computed from them. */
  private finish(index: Index, sum: (row: number, column: number) => string): void {
    const { code } = this.context;
    for (const [row, column] of this.tileElements()) {
      const guards = this.sides().flatMap(([axis, , apart], side) => {
        const number = side === 0 ? row : column;
        const mayExceed = (number + 1) * apart > this.space[axis]!;
        return mayExceed ? [`${index.get(axis)!} + ${number * apart}u < ${this.space[axis]!}u`] : [];
      });
      const place = new Map([...index, [this.m, `row${row}`], [this.n, `column${column}`]] as const);
      code.block(guards.length > 0 ? `if (${guards.join(" && ")})` : "", () =>
        this.finishElement(place, sum(row, column)),
      );
    }
  }

  private finishElement(place: Index, sum: string): void {
    const { code, memory, stored } = this.context;
    const { contraction, epilogue, nodes } = this.kernel;
    const trace = new ElementTrace(new Expressions(), memory, contraction.shape.length, place);
    trace.know(contraction, trace.e.named(sum, "f32"));
    for (const node of epilogue) trace.compute(node);
    const stores = trace.stores(nodes.filter((node) => stored.has(node)));
    code.add(...trace.e.lines, ...stores);
  }
}

/** Terms that one turn of a loop adds, where their number allows it: loads for the next ones begin meanwhile. */
const UNROLLED = [4, 2];

const sumName = (row: number, column: number): string => `sum${row}_${column}`;
