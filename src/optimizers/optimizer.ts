import { mapTree, type Tensor, zipTrees } from "../tensor/index.js";

/** A hyperparameter of an optimizer: one number for all members, or an f32 scalar that each member has its own of. */
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

/** A part of an optimizer: turns gradients, or what an earlier part made of them, into other updates. */
export interface Transformation {
  /** The state before the first step. */
  init(parameters: unknown): unknown;
  /** Updates, a tree of the parameters' structure, and state after a step. */
  update<P>(updates: P, state: unknown, parameters: P): { updates: P; state: unknown };
}

/** The last part of every optimizer: parameters − updates. */
export const descend: Optimizer = {
  init: () => ({}),
  update: (updates, state, parameters) => ({
    parameters: zipTrees([parameters, updates], ([p, u]) => p!.sub(u!)),
    state,
  }),
};

/**
 * An optimizer that hands the gradient through transformations, first to last, and what comes out to an optimizer:
 * {@link descend}, or a ready one such as `adam`.
 *
 * @example
 * const clipped = chain(clipByGlobalNorm(1), adam({ learningRate: 1e-3 }));
 * const ownMethod = chain(scaleByMomentum(0.9), decayWeights(1e-4), scaleByRate(0.1), descend);
 */
export function chain(...parts: readonly [...Transformation[], Optimizer]): Optimizer {
  const transformations = parts.slice(0, -1) as Transformation[];
  const last = parts.at(-1) as Optimizer;
  return {
    init: (parameters) => parts.map((part) => part.init(parameters)),
    update<P>(gradient: P, state: unknown, parameters: P) {
      const states = state as readonly unknown[];
      let updates = gradient;
      const after = transformations.map((part, i) => {
        const result = part.update(updates, states[i], parameters);
        updates = result.updates;
        return result.state;
      });
      const moved = last.update(updates, states[transformations.length], parameters);
      return { parameters: moved.parameters, state: [...after, moved.state] };
    },
  };
}

/** A part without a state: each update from the update, its parameter and their place in the tree. */
export function stateless(
  replace: <P>(updates: P, parameters: P) => (update: Tensor, parameter: Tensor, path: string) => Tensor,
): Transformation {
  return {
    init: () => ({}),
    update(updates, state, parameters) {
      const next = replace(updates, parameters);
      return { updates: zipTrees([updates, parameters], ([u, p], path) => next(u!, p!, path)), state };
    },
  };
}

/** Zeros of the parameters' structure. */
export const zerosLike = (parameters: unknown): unknown => mapTree(parameters, (p) => p.zerosLike());
