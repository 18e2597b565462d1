import { ranks } from "./correlation.js";

/**
 * The probability that a score is larger for a signal event than for a background event, ties counting half: the area under
 * the ROC curve, 1/2 for a score that tells nothing. Its error for independent events is at most
 * √(A (1 − A) / min(signal, background)).
 *
 * Throws a RangeError when there are no events of one kind.
 */
export function areaUnderROC(signal: ArrayLike<number>, background: ArrayLike<number>): number {
  if (signal.length === 0 || background.length === 0)
    throw new RangeError(`areaUnderROC takes events of both kinds, got ${signal.length} and ${background.length}.`);
  const all = ranks([...Array.from(signal), ...Array.from(background)]);
  let sum = 0;
  for (let i = 0; i < signal.length; i++) sum += all[i]!;
  return (sum - (signal.length * (signal.length + 1)) / 2) / (signal.length * background.length);
}
