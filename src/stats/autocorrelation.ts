import { mean } from "./descriptive.js";

/** How far measurements of a chain depend on each other. */
export interface AutocorrelationTime {
  /** Integrated autocorrelation time τ in measurements: ½ + Σ ρ(t). Independent ones have ½; errors grow by √(2τ). */
  readonly value: number;
  /** Its standard error. */
  readonly error: number;
  /** Where the sum over ρ(t) ends. */
  readonly window: number;
  /** The mean of all measurements. */
  readonly mean: number;
  /** The standard error of the mean, autocorrelation included. */
  readonly meanError: number;
}

/**
 * The integrated autocorrelation time of one observable, from one chain or several of equal statistics, by the method of
 * Wolff (arXiv:hep-lat/0306017): the window minimises the sum of statistical error and truncation error, for
 * autocorrelations that fall off with time scale `s` times τ (eqs. 41, 42, 50 to 52 there); errors by eq. 42.
 *
 * Throws a RangeError for chains of fewer than 8 measurements, of different lengths, or that are constant.
 */
export function integratedAutocorrelationTime(
  chains: ArrayLike<number> | readonly ArrayLike<number>[],
  { s = 1.5 }: { s?: number } = {},
): AutocorrelationTime {
  const replicas = asReplicas(chains);
  const length = replicas[0]!.length;
  const count = length * replicas.length;
  const center = replicas.reduce((sum, chain) => sum + mean(chain), 0) / replicas.length;
  const gamma = (lag: number) => covarianceAt(replicas, center, lag);
  const variance = gamma(0);
  if (!(variance > 0)) throw new RangeError(`The chain has the variance ${variance}; only what fluctuates has a τ.`);
  let window = 1;
  let sum = 0.5 + gamma(1) / variance;
  for (; window < length / 2; window++) {
    const scale = sum > 0.5 ? s / Math.log((2 * sum + 1) / (2 * sum - 1)) : Number.EPSILON;
    if (Math.exp(-window / scale) < scale / Math.sqrt(window * count)) break;
    sum += gamma(window + 1) / variance;
  }
  // The estimated mean takes a bias of the order 1/N out of every Γ(t).
  const value = Math.max(sum * (1 + (2 * window + 1) / count), 0.5 / count);
  return {
    value,
    error: value * Math.sqrt((4 / count) * (window + 0.5 - value)),
    window,
    mean: center,
    meanError: Math.sqrt((2 * value * variance * (1 + (2 * window + 1) / count)) / count),
  };
}

/**
 * The potential scale reduction R̂ of chains, each split into halves (Gelman et al., Bayesian Data Analysis, 3rd ed., eq. 11.4):
 * near 1 when they agree; above 1.01 they have not run long enough (arXiv:1903.08008).
 *
 * Throws a RangeError for chains of fewer than 4 measurements or of different lengths.
 */
export const splitRHat = (chains: readonly ArrayLike<number>[]): number => reductionOfSplit(splitChains(chains));

/** R̂ of halves of chains. */
export function reductionOfSplit(halves: readonly Float64Array[]): number {
  const { within, plausible } = varianceParts(halves);
  return Math.sqrt(plausible / within);
}

/**
 * How many independent draws chains are worth, by Geyer's initial monotone sequence over split chains (arXiv:1903.08008,
 * eqs. 10 to 13): low also where chains disagree.
 *
 * Throws a RangeError for chains of fewer than 8 measurements or of different lengths.
 */
export const effectiveSampleSize = (chains: readonly ArrayLike<number>[]): number =>
  effectiveSizeOfSplit(splitChains(chains, 8));

/** How many independent draws halves of chains are worth. */
export function effectiveSizeOfSplit(halves: readonly Float64Array[]): number {
  const length = halves[0]!.length;
  const draws = halves.length * length;
  const { within, plausible } = varianceParts(halves);
  const centers = halves.map(mean);
  const covariance = (lag: number) =>
    halves.reduce((sum, half, i) => sum + covarianceAt([half], centers[i]!, lag, length), 0) / halves.length;
  const correlation = (lag: number) => 1 - (within - covariance(lag)) / plausible;
  let [even, pair] = [1, 1 + correlation(1)];
  let sum = 0;
  for (let [lag, next] = [2, pair]; next > 0 && lag < length - 2; lag += 2) {
    sum += pair;
    even = correlation(lag);
    next = even + correlation(lag + 1);
    pair = Math.min(pair, next);
  }
  return draws / Math.max(2 * sum - 1 + Math.max(even, 0), 1 / Math.log10(draws));
}

function asReplicas(chains: ArrayLike<number> | readonly ArrayLike<number>[]): readonly ArrayLike<number>[] {
  const replicas =
    typeof chains[0] === "number" ? [chains as ArrayLike<number>] : (chains as readonly ArrayLike<number>[]);
  checkLengths("integratedAutocorrelationTime", replicas, 8);
  return replicas;
}

function checkLengths(caller: string, chains: readonly ArrayLike<number>[], least: number): void {
  const lengths = chains.map(({ length }) => length);
  if (lengths.length > 0 && lengths[0]! >= least && lengths.every((length) => length === lengths[0])) return;
  throw new RangeError(
    `${caller} takes chains of one length, at least ${least}; got ${lengths.slice(0, 8).join(", ") || "none"}.`,
  );
}

/** Γ(lag), averaged over all pairs of all chains, or divided by `divisor` in each. */
function covarianceAt(chains: readonly ArrayLike<number>[], center: number, lag: number, divisor?: number): number {
  let sum = 0;
  for (const chain of chains) {
    for (let i = lag; i < chain.length; i++) sum += (chain[i]! - center) * (chain[i - lag]! - center);
  }
  return sum / (divisor ?? chains.length * (chains[0]!.length - lag));
}

/** The halves of all chains; the middle of an odd number of draws is left out. */
export function splitChains(chains: readonly ArrayLike<number>[], least = 4): Float64Array[] {
  checkLengths("A comparison of chains", chains, least);
  return chains.flatMap((chain) => {
    const values = Float64Array.from(chain);
    const half = Math.floor(values.length / 2);
    return [values.slice(0, half), values.slice(values.length - half)];
  });
}

/** W, and var⁺ = (n − 1)/n W + B/n. */
function varianceParts(chains: readonly Float64Array[]): { within: number; plausible: number } {
  const length = chains[0]!.length;
  const centers = chains.map(mean);
  const within = mean(chains.map((chain, i) => chain.reduce((s, x) => s + (x - centers[i]!) ** 2, 0) / (length - 1)));
  const center = mean(centers);
  const between = centers.reduce((sum, c) => sum + (c - center) ** 2, 0) / (chains.length - 1);
  return { within, plausible: ((length - 1) / length) * within + between };
}
