import { scalar, scan, type Tensor, type TensorLike, zipTrees } from "../tensor/index.js";
import { leavesOf } from "../tensor/tree.js";

export interface IntegrateOptions {
  /** From time 0 to this one; a number, or a scalar that each member has its own of. Negative: backwards. */
  readonly duration: TensorLike;
  /** Steps of equal length. */
  readonly steps: number;
}

export interface Integrated<S> {
  /** At the end. */
  readonly state: S;
  /** At the beginning of each step: trees with a new first axis of length `steps`. */
  readonly trajectory: S;
  /**
   * The sum over all steps of the largest estimated local error of any component: an f32 scalar without derivative. Where it
   * is too large for what is asked, there are too few steps.
   */
  readonly error: Tensor;
}

/** Rows of the tableau: what each stage adds to the state, in units of the step (Dormand and Prince, J. Comput. Appl. Math. 6 (1980) 19). */
const STAGES: readonly (readonly number[])[] = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
const TIMES = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1];
/** Fifth order minus fourth. */
const ERRORS = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];

/**
 * Integrates dx/dt = field(x, t) over a tree of f32 tensors by the method of Dormand and Prince, of fifth order, with a fixed
 * number of steps: shapes are static, so that it runs for every member of an ensemble and may be differentiated, and the
 * embedded method of fourth order says how far it may be off. For energies that must not drift there is `leapfrog`.
 *
 * Throws a RangeError unless `steps` is a positive integer.
 * @example
 * // x″ = −x: half a turn later the pendulum is at −1.
 * const swing = ({ x, v }: { x: Tensor; v: Tensor }) => ({ x: v, v: x.neg() });
 * integrate(swing, { x: scalar(1), v: scalar(0) }, { duration: Math.PI, steps: 20 }).state.x;
 */
export function integrate<S>(
  field: (state: S, time: Tensor) => S,
  start: S,
  { duration, steps }: IntegrateOptions,
): Integrated<S> {
  if (!Number.isInteger(steps) || steps < 1)
    throw new RangeError(`integrate: steps is a positive integer, got ${steps}.`);
  const h = (typeof duration === "number" ? scalar(duration) : duration).div(steps);
  const { carry, outputs } = scan(
    ({ state, error }: { state: S; error: Tensor }, _: undefined, index) => {
      const step = dormandPrince(field, state, index.cast("f32").mul(h), h);
      return { carry: { state: step.state, error: error.add(step.error) }, output: state };
    },
    { state: start, error: scalar(0) },
    undefined,
    { length: steps },
  );
  return { state: carry.state, trajectory: outputs, error: carry.error.stopGradient() };
}

function dormandPrince<S>(field: (state: S, time: Tensor) => S, state: S, time: Tensor, h: Tensor) {
  const slopes: S[] = [];
  let end = state;
  STAGES.forEach((weights, i) => {
    end = moved(state, slopes, weights, h);
    slopes.push(field(end, time.add(h.mul(TIMES[i]!))));
  });
  const nothing = zipTrees([state], ([x]) => x!.zerosLike());
  const errors = leavesOf(moved(nothing, slopes, ERRORS, h)).map(({ tensor }) => tensor.abs().maximum());
  return { state: end, error: errors.reduce((most, one) => most.max(one)) };
}

/** state + h · Σ weight · slope. */
function moved<S>(state: S, slopes: readonly S[], weights: readonly number[], h: Tensor): S {
  return zipTrees([state, ...slopes], ([x, ...rates]) => {
    const terms = weights.flatMap((weight, i) => (weight === 0 ? [] : [rates[i]!.mul(weight)]));
    return terms.length === 0 ? x! : x!.add(terms.reduce((sum, term) => sum.add(term)).mul(h));
  });
}
