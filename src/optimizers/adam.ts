import { type Tensor, zeros, zipTrees } from "../tensor/index.js";
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
  /** 1 − β₁ᵗ and 1 − β₂ᵗ, the weights of both means. Carried as such: as 1 − β₂ᵗ the first would lose four of seven digits. */
  readonly weight: { readonly mean: Tensor; readonly square: Tensor };
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
      weight: { mean: zeros([]), square: zeros([]) },
    }),
    update<P>(updates: P, state: unknown, parameters: P) {
      const before = state as AdamState<P>;
      const mean = blend(before.mean, updates, beta1, (g) => g);
      const square = blend(before.square, updates, beta2, (g) => g.square());
      const weight = { mean: grown(before.weight.mean, beta1), square: grown(before.weight.square, beta2) };
      const correction = weight.square.sqrt().div(weight.mean);
      const rateAt = ratesOf(learningRate, parameters);
      const scaled = zipTrees([mean, square], ([m, v], path) =>
        m!.mul(correction.mul(rateAt(path))).div(v!.sqrt().add(epsilon)),
      );
      return { updates: scaled, state: { mean, square, weight } satisfies AdamState<P> };
    },
  };
}

/** 1 − βᵗ⁺¹ from 1 − βᵗ. */
const grown = (weight: Tensor, beta: Rate): Tensor => weight.mul(beta).add(complement(beta));

function complement(beta: Rate): Rate {
  return typeof beta === "number" ? 1 - beta : beta.neg().add(1);
}
