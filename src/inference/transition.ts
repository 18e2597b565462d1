import type { Key, Tensor } from "../tensor/index.js";

/** A configuration with its action, which samplers carry along. */
export interface ChainState<C> {
  readonly configuration: C;
  /** S = −log p up to a constant, f32 scalar. */
  readonly action: Tensor;
}

/** What a transition leads to. */
export interface Transition<C> {
  readonly state: ChainState<C>;
  /** 1 where the proposal was accepted, 0 elsewhere; f32 scalar. */
  readonly accepted: Tensor;
  /** The proposal's energy above the old one; its exponential averages to 1 over trajectories: ⟨e^−ΔH⟩ = 1. */
  readonly energyError: Tensor;
}

/** A Markov chain's transition, as a pair of pure functions; it leaves the distribution e^−S unchanged. */
export interface TransitionKernel<C> {
  init(configuration: C): ChainState<C>;
  step(state: ChainState<C>, key: Key): Transition<C>;
}
