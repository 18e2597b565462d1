/** Draws from q that stand for a distribution p. */
export interface ImportanceSample {
  /** p/q of each draw, normalised to a sum of 1. */
  readonly weights: Float64Array;
  /** How many draws from p itself they are worth, as a share of their number: (Σw)² / (N Σw²), at most 1. */
  readonly efficiency: number;
  /** ln of the mean of the weights as given: ln Z when they were e^−S/q. */
  readonly logMean: number;
}

/**
 * Weights for draws from another distribution, from ln p − ln q up to a constant (Kish's effective sample size; for flows
 * arXiv:2101.08176).
 *
 * Throws a RangeError where there are no draws, or a logarithm is NaN or +∞; −∞ is a draw that p excludes.
 */
export function importanceSample(logWeights: ArrayLike<number>): ImportanceSample {
  const bad = Array.from(logWeights).findIndex((value) => !(value < Infinity));
  if (logWeights.length === 0 || bad >= 0) {
    throw new RangeError(
      `importanceSample: ${bad < 0 ? "there are no draws" : `weight ${bad} is e^${logWeights[bad]}`}.`,
    );
  }
  const logs = Float64Array.from(logWeights);
  const largest = logs.reduce((a, b) => Math.max(a, b));
  const weights = logs.map((log) => Math.exp(log - largest));
  const sum = weights.reduce((a, b) => a + b);
  const squares = weights.reduce((total, weight) => total + weight ** 2, 0);
  return {
    weights: weights.map((weight) => weight / sum),
    efficiency: sum ** 2 / squares / logs.length,
    logMean: largest + Math.log(sum / logs.length),
  };
}
