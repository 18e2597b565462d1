/** (i + j) mod p for all numbers below p: the task on which transformers grok (arXiv:2201.02177; arXiv:2205.10343, figure 6). */
export interface ModularAdditionTask {
  readonly p: number;
  /** Number of samples, p²: i + j and j + i are two. */
  readonly count: number;
  /** i and j of each sample; shape [count, 2]. */
  readonly pairs: readonly (readonly [number, number])[];
  /** (i + j) mod p of each sample; shape [count]. */
  readonly sum: readonly number[];
}

/**
 * All samples of the task.
 *
 * Throws a RangeError unless p is an integer of at least 2.
 */
export function modularAdditionTask(p: number): ModularAdditionTask {
  if (!Number.isInteger(p) || p < 2) throw new RangeError(`modularAdditionTask takes a p of at least 2, got ${p}.`);
  const pairs = Array.from({ length: p * p }, (_, k): [number, number] => [Math.floor(k / p), k % p]);
  return { p, count: pairs.length, pairs, sum: pairs.map(([i, j]) => (i + j) % p) };
}
