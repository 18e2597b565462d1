import { effectiveSizeOfSplit, reductionOfSplit, splitChains } from "./autocorrelation.js";
import { ranks } from "./correlation.js";
import { median, quantile } from "./descriptive.js";
import { normalQuantile } from "./normal-quantile.js";

/** Shares of the draws below which the tails begin. */
const TAILS = [0.05, 0.95] as const;

/**
 * The potential scale reduction R̂ of chains by the ranks of their draws, which have no heavy tails, and by their distances
 * from the median, which see chains of different width: the larger of both (arXiv:1903.08008, section 4). Above 1.01
 * the chains have not run long enough.
 *
 * Throws a RangeError for chains of fewer than 4 measurements or of different lengths.
 * @example
 * rankNormalizedRHat([[1, 3, 2, 4, 1, 3], [11, 13, 12, 14, 11, 13]]).toFixed(1); // 1.9
 */
export function rankNormalizedRHat(chains: readonly ArrayLike<number>[]): number {
  const halves = splitChains(chains);
  const center = median(halves.flatMap((half) => Array.from(half)));
  const folded = halves.map((half) => half.map((x) => Math.abs(x - center)));
  return Math.max(reductionOfSplit(normalScores(halves)), reductionOfSplit(normalScores(folded)));
}

/**
 * How many independent draws chains are worth for the bulk of the distribution: {@link effectiveSampleSize} of the draws'
 * ranks, which exists where variance or mean do not (arXiv:1903.08008, section 4).
 *
 * Throws a RangeError for chains of fewer than 8 measurements or of different lengths.
 */
export const bulkEffectiveSampleSize = (chains: readonly ArrayLike<number>[]): number =>
  effectiveSizeOfSplit(normalScores(splitChains(chains, 8)));

/**
 * How many independent draws chains are worth for the tails: the smaller one of the 5 % and 95 % quantiles
 * (arXiv:1903.08008, section 4.3).
 *
 * Throws a RangeError for chains of fewer than 8 measurements or of different lengths.
 */
export function tailEffectiveSampleSize(chains: readonly ArrayLike<number>[]): number {
  const all = chains.flatMap((chain) => Array.from(chain));
  const sizes = TAILS.map((share) => {
    const limit = quantile(all, share);
    return effectiveSizeOfSplit(splitChains(chains, 8).map((half) => half.map((x) => Number(x <= limit))));
  });
  return Math.min(...sizes);
}

/** Quantiles of the normal distribution in place of the ranks among all draws (arXiv:1903.08008, eq. 14). */
function normalScores(chains: readonly Float64Array[]): Float64Array[] {
  const length = chains[0]!.length;
  const count = chains.length * length;
  const all = ranks(chains.flatMap((chain) => Array.from(chain)));
  const scores = all.map((rank) => normalQuantile((rank - 3 / 8) / (count + 1 / 4)));
  return chains.map((_, i) => scores.slice(i * length, (i + 1) * length));
}
