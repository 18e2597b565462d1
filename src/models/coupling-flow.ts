import { type Key, scalar, type Tensor, zeros } from "../tensor/index.js";
import { type Activation, type DenseParameters, mlp } from "./mlp.js";

/** Vectors and ln |det ∂output/∂input| of each. */
export interface FlowResult {
  /** [batch, dimension]. */
  readonly x: Tensor;
  /** [batch]. */
  readonly logDetJacobian: Tensor;
}

/** The networks of all layers, first layer first. */
export type CouplingParameters = readonly (readonly DenseParameters[])[];

/** An invertible map of ℝᵈ with a cheap Jacobian. */
export interface CouplingFlow {
  readonly dimension: number;
  init(key: Key): CouplingParameters;
  forward(parameters: CouplingParameters, z: Tensor): FlowResult;
  inverse(parameters: CouplingParameters, x: Tensor): FlowResult;
}

export interface CouplingFlowOptions {
  /** Number of coupling layers. */
  readonly layers: number;
  /** Units of each layer's network between input and output. */
  readonly hidden: readonly number[];
  readonly activation?: Activation;
}

/** What one layer does to a half, from the other: x · exp(s) + t. */
interface Coupling {
  readonly logScale: Tensor;
  readonly shift: Tensor;
}

/**
 * Affine coupling layers (real NVP, arXiv:1605.08803): in turn the second half of a vector is scaled and shifted by functions
 * of the first, and the first by functions of the second. Scales lie between 1/e and e; an untrained flow is the identity.
 *
 * Throws a RangeError unless `dimension` is even and there are layers.
 */
export function couplingFlow(
  dimension: number,
  { layers, hidden, activation = "tanh" }: CouplingFlowOptions,
): CouplingFlow {
  const half = dimension / 2;
  if (!Number.isInteger(half) || half < 1 || !Number.isInteger(layers) || layers < 1) {
    throw new RangeError(
      `couplingFlow takes an even dimension and a number of layers, got ${dimension} and ${layers}.`,
    );
  }
  const net = mlp([half, ...hidden, 2 * half], activation);
  const coupling = (parameters: readonly DenseParameters[], from: Tensor): Coupling => {
    const [batch] = from.shape;
    const output = net.apply(parameters, from);
    return {
      logScale: output.slice([0, 0], [batch!, half]).tanh(),
      shift: output.slice([0, half], [batch!, 2 * half]),
    };
  };
  const halves = (x: Tensor): [Tensor, Tensor] => [
    x.slice([0, 0], [x.shape[0]!, half]),
    x.slice([0, half], [x.shape[0]!, dimension]),
  ];
  return {
    dimension,
    init: (key) => Array.from({ length: layers }, (_, layer) => identityStart(net.init(key.fold(layer)))),
    forward(parameters, z) {
      let [kept, moved] = halves(z);
      let logDetJacobian: Tensor = scalar(0);
      for (const layer of parameters) {
        const { logScale, shift } = coupling(layer, kept);
        [kept, moved] = [moved.mul(logScale.exp()).add(shift), kept];
        logDetJacobian = logScale.sum(1).add(logDetJacobian);
      }
      return { x: joined(kept, moved, layers), logDetJacobian };
    },
    inverse(parameters, x) {
      let [kept, moved] = layers % 2 === 0 ? halves(x) : (halves(x).reverse() as [Tensor, Tensor]);
      let logDetJacobian: Tensor = scalar(0);
      for (const layer of [...parameters].reverse()) {
        const { logScale, shift } = coupling(layer, moved);
        [kept, moved] = [moved, kept.sub(shift).mul(logScale.neg().exp())];
        logDetJacobian = logDetJacobian.sub(logScale.sum(1));
      }
      return { x: kept.concat([moved], 1), logDetJacobian };
    },
  };
}

/** The halves in their own order: each layer exchanges them. */
const joined = (kept: Tensor, moved: Tensor, layers: number): Tensor =>
  layers % 2 === 0 ? kept.concat([moved], 1) : moved.concat([kept], 1);

/** The same networks with a last layer of zeros. */
const identityStart = (layers: readonly DenseParameters[]): DenseParameters[] =>
  layers.map(({ weight, bias }, i) => ({ weight: i === layers.length - 1 ? zeros(weight.shape) : weight, bias }));
