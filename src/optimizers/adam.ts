import { ones, type Tensor, zipTrees } from "../tensor/index.js";
import { chain, descend, type Optimizer, type Rate, type Transformation, zerosLike } from "./optimizer.js";
import { type Rates, ratesOf } from "./rates.js";
import { decayWeights, scaleByRate } from "./transformations.js";

/** Hyperparameters of Adam's moments. */
export interface AdamMoments {
  /** Decay of the mean of gradients; default 0.9. */
  readonly beta1?: Rate;
  /** Decay of the mean of squared gradients; default 0.999. */
  readonly beta2?: Rate;
  /** Added to the root of the second moment; default 1e-8. */
  readonly epsilon?: Rate;
}

export interface AdamOptions extends AdamMoments {
  readonly learningRate: Rates;
}

export interface AdamWOptions extends AdamOptions {
  /** Share of a parameter that a step takes away, per unit of the learning rate; default 0.01. */
  readonly weightDecay?: Rates;
}

interface AdamState<P> {
  readonly mean: P;
  readonly square: P;
  /** β₁ᵗ and β₂ᵗ, what is still missing of the weights of both means. */
  readonly missing: { readonly mean: Tensor; readonly square: Tensor };
}

/** Adam with bias correction (arXiv:1412.6980, algorithm 1, with ε outside the corrected root as in section 2). */
export function adam(options: AdamOptions): Optimizer {
  return chain(scaleByAdam(options), descend);
}

/** Adam with decoupled weight decay: parameters −= learningRate · (Adam's step + weightDecay · parameters) (arXiv:1711.05101). */
export function adamW({ learningRate, weightDecay = 0.01, ...moments }: AdamWOptions): Optimizer {
  return chain(scaleByAdam(moments), decayWeights(weightDecay), scaleByRate(learningRate), descend);
}

/**
 * Updates divided by the root of their mean square, after averaging, times a learning rate (default 1) that costs
 * nothing here: it goes into the correction of the bias, a scalar.
 */
export function scaleByAdam({
  learningRate = 1,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
}: Partial<AdamOptions> = {}): Transformation {
  const blend = <P>(old: P, fresh: P, beta: Rate, of: (g: Tensor) => Tensor): P =>
    zipTrees([old, fresh], ([m, g]) => m!.add(of(g!).sub(m!).mul(complement(beta))));
  return {
    init: (parameters) => ({
      mean: zerosLike(parameters),
      square: zerosLike(parameters),
      missing: { mean: ones([]), square: ones([]) },
    }),
    update<P>(updates: P, state: unknown, parameters: P) {
      const before = state as AdamState<P>;
      const mean = blend(before.mean, updates, beta1, (g) => g);
      const square = blend(before.square, updates, beta2, (g) => g.square());
      const missing = { mean: before.missing.mean.mul(beta1), square: before.missing.square.mul(beta2) };
      const correction = missing.square.neg().add(1).sqrt().div(missing.mean.neg().add(1));
      const rateAt = ratesOf(learningRate, parameters);
      const scaled = zipTrees([mean, square], ([m, v], path) =>
        m!.mul(correction.mul(rateAt(path))).div(v!.sqrt().add(epsilon)),
      );
      return { updates: scaled, state: { mean, square, missing } satisfies AdamState<P> };
    },
  };
}

function complement(beta: Rate): Rate {
  return typeof beta === "number" ? 1 - beta : beta.neg().add(1);
}
