import { mapTree, zipTrees } from "../tensor/index.js";
import type { Optimizer, Rate } from "./optimizer.js";

export interface SgdOptions {
  readonly learningRate: Rate;
  /** Share of the last step that is kept (heavy ball); default 0. */
  readonly momentum?: Rate;
}

/** Stochastic gradient descent: v ← momentum·v + gradient, parameters ← parameters − learningRate·v. */
export function sgd({ learningRate, momentum = 0 }: SgdOptions): Optimizer {
  if (momentum === 0) {
    return {
      init: () => ({}),
      update: (gradient, state, parameters) => ({
        parameters: zipTrees([parameters, gradient], ([p, g]) => p!.sub(g!.mul(learningRate))),
        state,
      }),
    };
  }
  return {
    init: (parameters) => mapTree(parameters, (p) => p.zerosLike()),
    update<P>(gradient: P, state: unknown, parameters: P) {
      const velocity = zipTrees([state as P, gradient], ([v, g]) => v!.mul(momentum).add(g!));
      return {
        parameters: zipTrees([parameters, velocity], ([p, v]) => p!.sub(v!.mul(learningRate))),
        state: velocity,
      };
    },
  };
}
