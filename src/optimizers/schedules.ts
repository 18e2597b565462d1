import type { Tensor } from "../tensor/index.js";
import type { Rate } from "./optimizer.js";

/** A quarter wave from 1 at the start to 0 at the end: (1 + cos π·progress) / 2 (arXiv:1608.03983, eq. 5). */
export function cosineDecay(progress: Tensor): Tensor {
  return progress.mul(Math.PI).cos().add(1).mul(0.5);
}

/** 1 for ever: the schedule of a constant rate. */
export function constantRate(progress: Tensor): Tensor {
  return progress.zerosLike().add(1);
}

/** Rises linearly from 0 to 1 while `progress` is below `share`, then stays. */
export function warmup(progress: Tensor, share: number): Tensor {
  if (!(share > 0 && share <= 1)) throw new RangeError(`warmup takes a share in (0, 1], got ${share}.`);
  return progress.div(share).min(1);
}

/** Falls linearly from 1 at the start to `end` at progress 1, then stays. */
export function linearDecay(progress: Tensor, end: Rate = 0): Tensor {
  return progress
    .min(1)
    .mul(typeof end === "number" ? end - 1 : end.sub(1))
    .add(1);
}

/**
 * Falls exponentially from 1 at the start to `end` at progress 1: end^progress.
 *
 * Throws RangeError when `end` is a number that is not positive.
 */
export function exponentialDecay(progress: Tensor, end: Rate): Tensor {
  if (typeof end === "number" && !(end > 0)) {
    throw new RangeError(`exponentialDecay takes a positive end, got ${end}.`);
  }
  return progress.mul(typeof end === "number" ? Math.log(end) : end.log()).exp();
}

/**
 * 1 at first, times `factor` from each of the boundaries on (values of `progress`, in any order).
 *
 * @example
 * const rate = stepDecay(scalar(0.8), [0.5, 0.75], 0.1).mul(1e-2); // 1e-4
 */
export function stepDecay(progress: Tensor, boundaries: readonly number[], factor: Rate): Tensor {
  return boundaries
    .map((boundary) => progress.less(boundary).select(1, factor))
    .reduce((product, step) => product.mul(step), constantRate(progress));
}
