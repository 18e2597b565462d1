import type { Tensor } from "../tensor/index.js";

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
