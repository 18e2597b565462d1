/** A number with its standard error. */
export interface Estimate {
  readonly value: number;
  readonly error: number;
}

/**
 * A function of means, with its standard error by the jackknife over blocks of the sample (Efron, The Jackknife, the
 * Bootstrap and Other Resampling Plans, 1982): ratios, covariances, anything smooth.
 *
 * @param columns quantities measured together, each of the same length, a value for each independent measurement
 * @param f of the columns' means
 * @param blocks how many blocks are left out in turn
 * @example jackknife([[1, 2, 3], [2, 4, 5]], ([x, y]) => x! / y!) // the ratio of two means
 */
export function jackknife(
  columns: readonly ArrayLike<number>[],
  f: (means: number[]) => number,
  { blocks = 100 }: { blocks?: number } = {},
): Estimate {
  const count = columns[0]?.length ?? 0;
  const used = Math.min(blocks, count);
  if (used < 2 || columns.some(({ length }) => length !== count)) {
    const lengths = columns.map(({ length }) => length).join(", ") || "none";
    throw new RangeError(`jackknife takes columns of one length, at least 2, and two blocks or more; got ${lengths}.`);
  }
  const sums = columns.map((column) => blockSums(column, used));
  const totals = sums.map((block) => block.reduce((a, b) => a + b));
  const value = f(totals.map((total) => total / count));
  const left = Array.from({ length: used }, (_, block) => {
    const rest = count - (blockStart(count, used, block + 1) - blockStart(count, used, block));
    return f(totals.map((total, i) => (total - sums[i]![block]!) / rest));
  });
  const center = left.reduce((a, b) => a + b) / used;
  const spread = left.reduce((sum, x) => sum + (x - center) ** 2, 0);
  return { value, error: Math.sqrt(((used - 1) / used) * spread) };
}

const blockStart = (count: number, blocks: number, block: number): number => Math.floor((count * block) / blocks);

function blockSums(column: ArrayLike<number>, blocks: number): Float64Array {
  const sums = new Float64Array(blocks);
  for (let block = 0; block < blocks; block++) {
    const end = blockStart(column.length, blocks, block + 1);
    for (let i = blockStart(column.length, blocks, block); i < end; i++) sums[block]! += column[i]!;
  }
  return sums;
}
