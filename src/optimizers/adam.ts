import { mapTree, ones, type Tensor, zipTrees } from "../tensor/index.js";
import type { Optimizer, Rate } from "./optimizer.js";

export interface AdamOptions {
  readonly learningRate: Rate;
  /** Decay of the mean of gradients; default 0.9. */
  readonly beta1?: Rate;
  /** Decay of the mean of squared gradients; default 0.999. */
  readonly beta2?: Rate;
  /** Added to the root of the second moment; default 1e-8. */
  readonly epsilon?: number;
}

interface AdamState<P> {
  readonly mean: P;
  readonly square: P;
  /** β₁ᵗ and β₂ᵗ, what is still missing of the weights of both means. */
  readonly missing: { readonly mean: Tensor; readonly square: Tensor };
}

/** Adam with bias correction (arXiv:1412.6980, algorithm 1, with ε outside the corrected root as in section 2). */
export function adam({ learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions): Optimizer {
  const blend = <P>(old: P, fresh: P, beta: Rate, of: (g: Tensor) => Tensor): P =>
    zipTrees([old, fresh], ([m, g]) => m!.add(of(g!).sub(m!).mul(complement(beta))));
  return {
    init: (parameters) => ({
      mean: mapTree(parameters, (p) => p.zerosLike()),
      square: mapTree(parameters, (p) => p.zerosLike()),
      missing: { mean: ones([]), square: ones([]) },
    }),
    update<P>(gradient: P, state: unknown, parameters: P) {
      const before = state as AdamState<P>;
      const mean = blend(before.mean, gradient, beta1, (g) => g);
      const square = blend(before.square, gradient, beta2, (g) => g.square());
      const missing = { mean: before.missing.mean.mul(beta1), square: before.missing.square.mul(beta2) };
      const rate = missing.square.neg().add(1).sqrt().div(missing.mean.neg().add(1)).mul(learningRate);
      const moved = zipTrees([parameters, mean, square], ([p, m, v]) =>
        p!.sub(m!.mul(rate).div(v!.sqrt().add(epsilon))),
      );
      return { parameters: moved, state: { mean, square, missing } satisfies AdamState<P> };
    },
  };
}

function complement(beta: Rate): Rate {
  return typeof beta === "number" ? 1 - beta : beta.neg().add(1);
}
