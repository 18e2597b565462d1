import { type Engine, engine as engineOf } from "../engines/index.js";
import type { NumericArray } from "../protocol.js";
import type { Grid } from "./grid.js";
import { traceTraining, type TrainingDefinition } from "./training-program.js";
import { TrainingRun } from "./training-run.js";

/** What is trained: see {@link TrainingDefinition} for the three functions. */
export interface TrainOptions<P, H extends string, D extends string> extends TrainingDefinition<P, H, D> {
  /** One member for each combination of hyperparameters; an axis `seed` seeds the members. */
  readonly members: Grid<H>;
  /** Training steps of every member. */
  readonly steps: number;
  /** Arrays that all members share, as f32. */
  readonly data?: { readonly [name in D]: NumericArray };
  /** Seed of all members when the grid has no axis `seed`; default 0. */
  readonly seed?: number;
  /** Points on each curve, each the mean over an interval of steps; default 100. */
  readonly points?: number;
  /** Name of an engine, or one of your own; default: chosen automatically. */
  readonly engine?: string | Engine;
  /** Stops the training; what was computed stays. In a notebook interrupting the cell does the same. */
  readonly signal?: AbortSignal;
  /** What figures call this ensemble. */
  readonly title?: string;
}

/**
 * Trains all members at once. Returns at once with a run to watch; `await run.finished` for the end.
 *
 * The three functions are called once, with symbolic tensors: mistakes in shapes are thrown here, and name the line.
 * Throws a RangeError for steps or points that are not positive integers and for unknown engines. The run's promise
 * rejects with a MemoryError when the members do not fit. A member whose loss is no longer finite is marked
 * `diverged` with its step, and the others go on.
 *
 * @example
 * const net = mlp([1, 16, 1]);
 * const run = train({
 *   members: grid({ learningRate: logspace(1e-4, 1e-1, 12), seed: seeds(8) }),
 *   init: ({ key }) => net.init(key),
 *   loss: (parameters, { key }) => {
 *     const x = key.uniform([64, 1], -1, 1);
 *     return net.apply(parameters, x).sub(x.square()).square().mean();
 *   },
 *   optimizer: ({ learningRate }) => adam({ learningRate }),
 *   steps: 500,
 * });
 * await run.finished;
 */
export function train<P, H extends string, D extends string = never>(
  options: TrainOptions<P, H, D>,
): TrainingRun<P, H> {
  const { members, steps, points = 100, seed = 0, engine, signal, title } = options;
  checkPositive("steps", steps);
  checkPositive("points", points);
  const data = options.data ?? ({} as { [name in D]: NumericArray });
  const runner = typeof engine === "object" ? engine : engineOf(engine);
  const programs = traceTraining(options, members.names, data, steps, seed);
  return new TrainingRun({ programs, grid: members, data, steps, points, seed, engine: runner, signal, title });
}

function checkPositive(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`train: ${name} must be a positive integer, got ${value}.`);
}
