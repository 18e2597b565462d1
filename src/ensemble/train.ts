import { type Engine, engine as engineOf } from "../engines/index.js";
import type { NumericArray } from "../protocol.js";
import { sizeOf } from "../tensor/index.js";
import { checkColumnTexts, type ColumnTexts } from "../storage/column-text.js";
import type { Grid } from "./grid.js";
import { groupByStructure, showStructure } from "./structure.js";
import type { CheckpointOptions } from "./run-checkpoint.js";
import { traceTraining, type TrainingDefinition, type TrainingGroup } from "./training-program.js";
import { TrainingRun } from "./training-run.js";

/** What is trained: see {@link TrainingDefinition} for the three functions. */
export interface TrainOptions<P, H extends string, D extends string, S extends H = never> extends TrainingDefinition<
  P,
  H,
  D,
  S
> {
  /** One member for each row of the grid; a hyperparameter `seed` seeds the members. */
  readonly members: Grid<H>;
  /** Training steps of every member. */
  readonly steps: number;
  /**
   * Hyperparameters on which shapes depend, such as widths: the functions get them as plain numbers. Members are grouped
   * by their values and each group has a program of its own; the result is one.
   */
  readonly structural?: readonly S[];
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
  /**
   * A file to save the training to. Where it exists, the training goes on from there, and ends with the same bits as one
   * that was never interrupted.
   */
  readonly checkpoint?: string | CheckpointOptions;
  /** What figures call this ensemble. */
  readonly title?: string;
  /** Labels and units of metrics and hyperparameters, which figures show; of these, they win over those of the grid. */
  readonly columns?: ColumnTexts<H> & ColumnTexts;
}

/**
 * Trains all members at once. Returns at once with a run to watch; `await run.finished` for the end.
 *
 * The three functions are called once for each structure, with symbolic tensors: mistakes in shapes are thrown here, and
 * name the line. Throws a RangeError for steps or points that are not positive integers, data that are not finite and
 * unknown engines. The run's promise rejects with a MemoryError when the members do not fit, and with a CheckpointError
 * when the checkpoint is broken or of another training. A member whose loss is no longer finite is marked `diverged` with
 * its step and trained no further; its time goes to the others.
 *
 * @example
 * const run = train({
 *   members: grid({ width: [8, 16], learningRate: logspace(1e-4, 1e-1, 6), seed: seeds(8) }),
 *   structural: ["width"],
 *   init: ({ key, width }) => mlp([1, width, 1]).init(key),
 *   loss: (parameters, { key, width }) => {
 *     const x = key.uniform([64, 1], -1, 1);
 *     return mlp([1, width, 1]).apply(parameters, x).sub(x.square()).square().mean();
 *   },
 *   optimizer: ({ learningRate }) => adam({ learningRate }),
 *   steps: 500,
 * });
 * await run.finished;
 */
export function train<P, H extends string, D extends string = never, S extends H = never>(
  options: TrainOptions<P, H, D, S>,
): TrainingRun<P, H, S> {
  const { members: grid, steps, structural = [], points = 100, seed = 0, signal, title, checkpoint, columns } = options;
  checkPositive("steps", steps);
  checkPositive("points", points);
  const data = options.data ?? ({} as { [name in D]: NumericArray });
  checkData(data);
  // Its threads start while this one traces.
  const engine = typeof options.engine === "object" ? options.engine : engineOf(options.engine);
  const groups = groupByStructure(grid, structural).map((group): TrainingGroup<P> => {
    const traced = { names: grid.names, structure: group.structure, data, steps, seed };
    return { ...group, programs: traceTraining(options, traced) };
  });
  checkMetrics(groups);
  if (columns) checkColumnTexts("train", columns, [...grid.names, ...groups[0]!.programs.metrics]);
  return new TrainingRun({
    groups,
    grid,
    data,
    steps,
    points,
    seed,
    engine,
    signal,
    title,
    columns,
    checkpoint: typeof checkpoint === "string" ? { file: checkpoint } : checkpoint,
    again: (members) => {
      const { checkpoint: _, ...rest } = options;
      return train({ ...rest, members });
    },
  });
}

function checkPositive(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`train: ${name} must be a positive integer, got ${value}.`);
}

function checkData(arrays: Readonly<Record<string, NumericArray>>): void {
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    if (data.length !== sizeOf(shape)) {
      throw new RangeError(`train: the data "${name}" of shape [${shape.join(", ")}] has ${data.length} values.`);
    }
    const bad = data.findIndex((value: number) => !Number.isFinite(Math.fround(value)));
    if (bad >= 0) {
      throw new RangeError(
        `train: value ${bad} of the data "${name}" is ${data[bad]}; data are finite numbers of single precision. ` +
          "Leave such rows out, or replace them.",
      );
    }
  }
}

function checkMetrics(groups: readonly TrainingGroup<unknown>[]): void {
  const [first, ...others] = groups;
  const odd = others.find(({ programs }) => programs.metrics.join() !== first!.programs.metrics.join());
  if (!odd) return;
  throw new TypeError(
    `The loss function returns ${odd.programs.metrics.join(", ")} for ${showStructure(odd.structure)}, but ` +
      `${first!.programs.metrics.join(", ")} for ${showStructure(first!.structure)}; all members have the same metrics.`,
  );
}
