import type { Key } from "../tensor/index.js";
import { type Tensor, zeros } from "../tensor/index.js";

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
  /** Glorot-uniform weights (variance 2 / (inputs + outputs)) and zero biases. */
  init(key: Key): DenseParameters[];
  /** [batch, widths[0]] to [batch, widths.at(-1)]. */
  apply(parameters: readonly DenseParameters[], x: Tensor): Tensor;
}

const ACTIVATIONS: Record<Activation, (x: Tensor) => Tensor> = {
  tanh: (x) => x.tanh(),
  relu: (x) => x.relu(),
  linear: (x) => x,
};

/**
 * A multi-layer perceptron with the activation after every layer but the last.
 * @param widths numbers of units from input to output, for example [3, 64, 64, 2]
 */
export function mlp(widths: readonly number[], activation: Activation = "tanh"): Mlp {
  const bad = widths.find((width) => !Number.isInteger(width) || width < 1);
  if (widths.length < 2 || bad !== undefined) {
    throw new RangeError(`mlp takes two or more positive widths, got [${widths.join(", ")}].`);
  }
  return {
    widths,
    init: (key) => widths.slice(1).map((outputs, layer) => glorot(key.fold(layer), widths[layer]!, outputs)),
    apply: (parameters, x) =>
      parameters.reduce((h, { weight, bias }, layer) => {
        const z = h.matmul(weight).add(bias);
        return layer === parameters.length - 1 ? z : ACTIVATIONS[activation](z);
      }, x),
  };
}

function glorot(key: Key, inputs: number, outputs: number): DenseParameters {
  const edge = Math.sqrt(6 / (inputs + outputs));
  return { weight: key.uniform([inputs, outputs], -edge, edge), bias: zeros([outputs]) };
}
