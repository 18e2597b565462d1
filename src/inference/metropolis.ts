import { type Key, type Tensor, zipTrees } from "../tensor/index.js";
import type { ChainState, Transition, TransitionKernel } from "./transition.js";

export interface MetropolisOptions<C> {
  /** S = −log p up to a constant: an f32 scalar. */
  readonly action: (configuration: C) => Tensor;
  /** Another configuration; proposing back must be as likely. */
  readonly propose: (configuration: C, key: Key) => C;
}

/**
 * Metropolis' algorithm: accepts a symmetric proposal with probability min(1, e^−ΔS) (J. Chem. Phys. 21 (1953) 1087).
 *
 * @example
 * const gaussian = metropolis({
 *   action: (x) => x.square().sum().mul(0.5),
 *   propose: (x, key) => x.add(key.uniform(x.shape, -2, 2)),
 * });
 * gaussian.step(gaussian.init(zeros([3])), Key.of(1));
 */
export function metropolis<C>({ action, propose }: MetropolisOptions<C>): TransitionKernel<C> {
  return {
    init: (configuration) => ({ configuration, action: action(configuration) }),
    step(state, key) {
      const configuration = propose(state.configuration, key.fold(0));
      const proposal = { configuration, action: action(configuration) };
      return acceptOrReject(state, proposal, proposal.action.sub(state.action), key.fold(1));
    },
  };
}

/** Takes the proposal with probability min(1, e^−ΔH), never where ΔH is no number, else stays. */
export function acceptOrReject<C>(
  state: ChainState<C>,
  proposal: ChainState<C>,
  energyError: Tensor,
  key: Key,
): Transition<C> {
  const accept = key.uniform([]).less(energyError.neg().exp());
  const choose = <T>(whenAccepted: T, otherwise: T): T =>
    zipTrees([whenAccepted, otherwise], ([a, b]) => accept.select(a!, b!));
  return { state: choose(proposal, state), accepted: accept.cast("f32"), energyError };
}
