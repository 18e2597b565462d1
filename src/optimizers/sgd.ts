import { chain, descend, type Optimizer, type Rate } from "./optimizer.js";
import type { Rates } from "./rates.js";
import { scaleByMomentum, scaleByRate } from "./transformations.js";

export interface SgdOptions {
  readonly learningRate: Rates;
  /** Share of the last step that is kept (heavy ball); default 0. */
  readonly momentum?: Rate;
  /** Looks ahead by the momentum (Nesterov); default false. */
  readonly nesterov?: boolean;
}

/** Stochastic gradient descent: v ← momentum·v + gradient, parameters ← parameters − learningRate·v. */
export function sgd({ learningRate, momentum = 0, nesterov = false }: SgdOptions): Optimizer {
  const step = scaleByRate(learningRate);
  return momentum === 0 ? chain(step, descend) : chain(scaleByMomentum(momentum, nesterov), step, descend);
}
