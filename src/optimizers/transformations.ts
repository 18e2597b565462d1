import { leavesOf, scalar, type Tensor, zipTrees } from "../tensor/index.js";
import { type Rate, stateless, type Transformation, zerosLike } from "./optimizer.js";
import { type Rates, ratesOf } from "./rates.js";

/** Updates times a learning rate. */
export function scaleByRate(learningRate: Rates): Transformation {
  return stateless((_, parameters) => {
    const rateAt = ratesOf(learningRate, parameters);
    return (update, _parameter, path) => update.mul(rateAt(path));
  });
}

/** Adds weightDecay · parameter to each update: behind the moments of Adam this is decoupled decay, before them L2. */
export function decayWeights(weightDecay: Rates): Transformation {
  return stateless((_, parameters) => {
    const decayAt = ratesOf(weightDecay, parameters);
    return (update, parameter, path) => {
      const decay = decayAt(path);
      return decay === 0 ? update : update.add(parameter.mul(decay));
    };
  });
}

/**
 * Shortens all updates together where their Euclidean norm is above `maximum` (arXiv:1211.5063, algorithm 1). A NaN in
 * one of them makes all of them NaN, so that a diverged member is seen.
 *
 * Throws RangeError when `maximum` is a number that is not positive.
 */
export function clipByGlobalNorm(maximum: Rate): Transformation {
  if (typeof maximum === "number" && !(maximum > 0)) {
    throw new RangeError(`clipByGlobalNorm takes a positive norm, got ${maximum}.`);
  }
  const limit = typeof maximum === "number" ? scalar(maximum) : maximum;
  return stateless((updates) => {
    const factor = limit.div(globalNorm(updates).max(limit));
    return (update) => update.mul(factor);
  });
}

/** Euclidean norm of all tensors of a tree together, a scalar. */
export function globalNorm(tree: unknown): Tensor {
  return leavesOf(tree)
    .map(({ tensor }) => tensor.square().sum())
    .reduce((total, square) => total.add(square), scalar(0))
    .sqrt();
}

/**
 * v ← momentum·v + update (heavy ball), which is the new update; with `nesterov`, momentum·v + update is, with the new v
 * (Sutskever et al., ICML 2013, in the form that evaluates gradients at the parameters themselves).
 */
export function scaleByMomentum(momentum: Rate, nesterov = false): Transformation {
  const accumulate = <P>(velocity: P, updates: P): P =>
    zipTrees([velocity, updates], ([v, u]) => v!.mul(momentum).add(u!));
  return {
    init: zerosLike,
    update<P>(updates: P, state: unknown) {
      const velocity = accumulate(state as P, updates);
      return { updates: nesterov ? accumulate(velocity, updates) : velocity, state: velocity };
    },
  };
}
