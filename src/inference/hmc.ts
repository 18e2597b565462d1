import {
  grad,
  type Key,
  leavesOf,
  mapTree,
  scalar,
  scan,
  type Tensor,
  type TensorLike,
  zipTrees,
} from "../tensor/index.js";
import { acceptOrReject } from "./metropolis.js";
import type { TransitionKernel } from "./transition.js";

export interface HmcOptions<C> {
  /** S = −log p up to a constant: an f32 scalar. */
  readonly action: (configuration: C) => Tensor;
  /** ∂S/∂configuration; default: the derivative of `action`. */
  readonly gradient?: (configuration: C) => C;
  /** ε, of one leapfrog step; a number or a scalar that each chain has its own of. */
  readonly stepSize: TensorLike;
  /** Leapfrog steps of a trajectory. */
  readonly steps: number;
}

/** A configuration with its momenta, of the same structure. */
export interface PhasePoint<C> {
  readonly position: C;
  readonly momentum: C;
}

/**
 * Hybrid (Hamiltonian) Monte Carlo: momenta of unit variance, a leapfrog trajectory of `steps` steps, and a Metropolis
 * test of H = S + ½ p² (Duane et al., Phys. Lett. B 195 (1987) 216; arXiv:1206.1901).
 *
 * Throws a RangeError unless `steps` is a positive integer.
 * @example
 * const gaussian = hmc({ action: (x) => x.square().sum().mul(0.5), stepSize: 0.3, steps: 5 });
 * gaussian.step(gaussian.init(zeros([3])), Key.of(1));
 */
export function hmc<C>(options: HmcOptions<C>): TransitionKernel<C> {
  const { action, steps } = options;
  if (!Number.isInteger(steps) || steps < 1) throw new RangeError(`hmc: steps is a positive integer, got ${steps}.`);
  return {
    init: (configuration) => ({ configuration, action: action(configuration) }),
    step(state, key) {
      const start = { position: state.configuration, momentum: drawMomenta(state.configuration, key.fold(0)) };
      const end = leapfrog(start, options);
      const proposal = { configuration: end.position, action: action(end.position) };
      const before = state.action.add(kineticEnergy(start.momentum));
      const after = proposal.action.add(kineticEnergy(end.momentum));
      return acceptOrReject(state, proposal, after.sub(before), key.fold(1));
    },
  };
}

/**
 * A trajectory of `steps` leapfrog steps, half a drift first: reversible and area-preserving, with one force in a step.
 */
export function leapfrog<C>(
  { position, momentum }: PhasePoint<C>,
  { action, gradient = grad(action), stepSize, steps }: HmcOptions<C>,
): PhasePoint<C> {
  const move = (tree: C, by: C, rate: TensorLike) => zipTrees([tree, by], ([x, v]) => x!.add(v!.mul(rate)));
  const half = typeof stepSize === "number" ? stepSize / 2 : stepSize.mul(0.5);
  const negative = typeof stepSize === "number" ? -stepSize : stepSize.neg();
  const start = { position: move(position, momentum, half), momentum };
  const { carry } = scan(
    (at: PhasePoint<C>) => {
      const kicked = move(at.momentum, gradient(at.position), negative);
      return { carry: { position: move(at.position, kicked, stepSize), momentum: kicked } };
    },
    start,
    undefined,
    { length: steps },
  );
  const back = typeof half === "number" ? -half : half.neg();
  return { position: move(carry.position, carry.momentum, back), momentum: carry.momentum };
}

function drawMomenta<C>(configuration: C, key: Key): C {
  let leaf = 0;
  return mapTree(configuration, ({ shape }) => key.fold(leaf++).normal(shape));
}

function kineticEnergy(momentum: unknown): Tensor {
  return leavesOf(momentum)
    .map(({ tensor }) => tensor.square().sum().mul(0.5))
    .reduce((total, energy) => total.add(energy), scalar(0));
}
