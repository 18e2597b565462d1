import type { Key } from "../tensor/index.js";
import { type Tensor, type TensorLike, zeros } from "../tensor/index.js";

/** A function on every element of a layer's output. */
export type Activation = "tanh" | "relu" | "linear";

/** One dense layer: x·weight + bias. */
export interface DenseParameters {
  /** [inputs, outputs]. */
  readonly weight: Tensor;
  /** [outputs]. */
  readonly bias: Tensor;
}

/** A dense network: its parameters' start and its function. */
export interface Mlp {
  readonly widths: readonly number[];
  /** Normal weights of variance C_W / inputs and normal biases of variance C_b. */
  init(key: Key): DenseParameters[];
  /** [batch, widths[0]] to [batch, widths.at(-1)]. */
  apply(parameters: readonly DenseParameters[], x: Tensor): Tensor;
  /** What every layer computes before its activation, [batch, width] each; the last is the output. */
  preactivations(parameters: readonly DenseParameters[], x: Tensor): Tensor[];
}

const ACTIVATIONS: Record<Activation, (x: Tensor) => Tensor> = {
  tanh: (x) => x.tanh(),
  relu: (x) => x.relu(),
  linear: (x) => x,
};

const squareRoot = (x: TensorLike): TensorLike => (typeof x === "number" ? Math.sqrt(x) : x.sqrt());

/** How the parameters of a network are drawn, in the notation of arXiv:2106.10165, section 2.3; a tensor where members differ. */
export interface Initialization {
  /** C_W: variance of a weight times the number of its layer's inputs; default: the critical value of the activation. */
  readonly weightVariance?: TensorLike;
  /** C_b: variance of a bias; default 0. */
  readonly biasVariance?: TensorLike;
}

/** C_W at which signals neither grow nor die with depth (arXiv:2106.10165, section 5.3). */
const CRITICAL_WEIGHT_VARIANCE: Record<Activation, number> = { tanh: 1, relu: 2, linear: 1 };

/**
 * A multi-layer perceptron with the activation after every layer but the last.
 * @param widths numbers of units from input to output, for example [3, 64, 64, 2]
 */
export function mlp(
  widths: readonly number[],
  activation: Activation = "tanh",
  { weightVariance = CRITICAL_WEIGHT_VARIANCE[activation], biasVariance = 0 }: Initialization = {},
): Mlp {
  const bad = widths.find((width) => !Number.isInteger(width) || width < 1);
  if (widths.length < 2 || bad !== undefined) {
    throw new RangeError(`mlp takes two or more positive widths, got [${widths.join(", ")}].`);
  }
  const dense = (key: Key, inputs: number, outputs: number): DenseParameters => ({
    weight: key
      .fold(0)
      .normal([inputs, outputs])
      .mul(squareRoot(typeof weightVariance === "number" ? weightVariance / inputs : weightVariance.div(inputs))),
    bias: biasVariance === 0 ? zeros([outputs]) : key.fold(1).normal([outputs]).mul(squareRoot(biasVariance)),
  });
  const preactivations = (parameters: readonly DenseParameters[], x: Tensor) => {
    const layers: Tensor[] = [];
    for (const { weight, bias } of parameters) {
      const h = layers.length === 0 ? x : ACTIVATIONS[activation](layers.at(-1)!);
      layers.push(h.matmul(weight).add(bias));
    }
    return layers;
  };
  return {
    widths,
    init: (key) => widths.slice(1).map((outputs, layer) => dense(key.fold(layer), widths[layer]!, outputs)),
    apply: (parameters, x) => preactivations(parameters, x).at(-1)!,
    preactivations,
  };
}
