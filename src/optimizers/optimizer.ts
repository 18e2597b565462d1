import type { Tensor } from "../tensor/index.js";

/** A hyperparameter of an optimizer: one number for all members, or a scalar tensor that each member has its own of. */
export type Rate = number | Tensor;

/**
 * A gradient method as a pair of pure functions on trees of tensors. `P` is any tree of parameters; the state is a
 * tree of tensors, too, so that an engine can keep it between steps.
 */
export interface Optimizer {
  /** The state before the first step. */
  init(parameters: unknown): unknown;
  /** Parameters and state after a step. */
  update<P>(gradient: P, state: unknown, parameters: P): { parameters: P; state: unknown };
}
