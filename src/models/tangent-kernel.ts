import { grad, scalar, type Tensor } from "../tensor/index.js";
import type { DenseParameters, Mlp } from "./mlp.js";

/** Learning rates of the parameters relative to each other (arXiv:2106.10165, chapter 8: λ_W is divided by the number of inputs). */
export interface TangentKernelOptions {
  readonly weightRate?: number;
  readonly biasRate?: number;
}

/**
 * The neural tangent kernel at one input, of the first output: Θ = Σ_ℓ [λ_W / n(ℓ−1) |∂z₁/∂W(ℓ)|² + λ_b |∂z₁/∂b(ℓ)|²].
 *
 * @param x shape [1, inputs]
 */
export function tangentKernel(
  net: Mlp,
  parameters: readonly DenseParameters[],
  x: Tensor,
  { weightRate = 1, biasRate = 1 }: TangentKernelOptions = {},
): Tensor {
  const output = (p: readonly DenseParameters[]) => net.apply(p, x).slice([0, 0], [1, 1]).sum();
  return grad(output)(parameters)
    .map(({ weight, bias }) => {
      const weights = weight
        .square()
        .sum()
        .mul(weightRate / weight.shape[0]!);
      return biasRate === 0 ? weights : weights.add(bias.square().sum().mul(biasRate));
    })
    .reduce((sum, layer) => sum.add(layer), scalar(0));
}
