/** The elements of a matrix product that one thread sums, and how many threads share the terms. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
  /** Tiles along the rows and columns of the result. */
  readonly rowTiles: number;
  readonly columnTiles: number;
  /** Tiles of all products of the batch. */
  readonly count: number;
  readonly shares: number;
  /** In multiply-adds. */
  readonly time: number;
}

interface Product {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  /** Turns of the loop over terms. */
  readonly terms: number;
  /** How many neighbours a thread takes together. */
  readonly widths: { readonly rows: number; readonly columns: number; readonly terms: number };
  /** Elements of the operands that it loads at once. */
  readonly perLoad: { readonly rows: number; readonly columns: number };
}

/** Rows and columns of tiles whose sums and operands fit a thread's registers. */
const SHAPES = [1, 2, 4, 8].flatMap((rows) => [1, 2, 4, 8].map((columns) => [rows, columns] as const));
const MOST_SUMS = 32;
/** Time of a load, in multiply-adds. */
const LOAD = 2;
/** Time of a barrier, and of a partial sum's way through memory, in multiply-adds. */
const MEETING = 40;
const PARTIAL_SUM = 6;

/** The tile and number of shares with which the threads are done first, by a count of instructions. */
export function chooseTile(product: Product, threads: number, scratchWords: number): Tile {
  const { widths } = product;
  let best: Tile | undefined;
  for (const [rows, columns] of SHAPES) {
    if (rows * columns > MOST_SUMS || rows >= 2 * product.rows || columns >= 2 * product.columns) continue;
    if (rows % widths.rows > 0 || columns % widths.columns > 0) continue;
    const [rowTiles, columnTiles] = [Math.ceil(product.rows / rows), Math.ceil(product.columns / columns)];
    const count = product.batch * rowTiles * columnTiles;
    for (let shares = 1; shares === 1 || fits(count, shares, rows * columns); shares *= 2) {
      const tile = { rows, columns, rowTiles, columnTiles, count, shares };
      const time = timeOf(tile, product, threads);
      if (!best || time < best.time) best = { ...tile, time };
    }
  }
  return best!;

  function fits(count: number, shares: number, sums: number): boolean {
    return count * shares <= threads && 2 * shares <= product.terms && count * shares * sums <= scratchWords;
  }
}

function timeOf({ rows, columns, count, shares }: Omit<Tile, "time">, product: Product, threads: number): number {
  const { terms, widths, perLoad } = product;
  const turns = Math.ceil((count * shares) / threads);
  const perTerm = rows * columns + LOAD * (rows / perLoad.rows + columns / perLoad.columns);
  const meeting = shares > 1 ? MEETING + PARTIAL_SUM * shares * rows * columns : 0;
  return turns * Math.ceil(terms / shares) * widths.terms * perTerm + meeting;
}
