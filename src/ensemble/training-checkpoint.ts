import type { Engine } from "../engines/index.js";
import type { NumericArray } from "../protocol.js";
import type { Grid } from "./grid.js";
import type { MemberPrograms } from "./member-programs.js";
import type { Observations } from "./observations.js";
import { hashArrays, hashGrid, hashPrograms } from "./program-hash.js";
import { type CheckpointOptions, RunCheckpoint, type RunState, storedInputs } from "./run-checkpoint.js";
import type { TrainingGroup, TrainingPrograms } from "./training-program.js";

/** What a checkpoint's owner is asked for. */
export interface CheckpointSubject<P> {
  readonly groups: readonly TrainingGroup<P>[];
  readonly grid: Grid;
  readonly data: Readonly<Record<string, NumericArray>>;
  readonly steps: number;
  readonly points: number;
  readonly seed: number;
  readonly engine: Engine;
}

/** The checkpoint of a training, which no other training takes for its own. */
export function trainingCheckpoint(options: CheckpointOptions, subject: CheckpointSubject<unknown>): RunCheckpoint {
  const { groups, grid, data, steps, points, seed, engine } = subject;
  const arrays = Object.entries(data).map(([name, array]) => [name, array.shape, array.data] as const);
  const programs = groups.flatMap((group) => [group.programs.start, group.programs.step]);
  return new RunCheckpoint(options, "training", {
    steps: { value: steps, otherwise: "another number of steps" },
    points: { value: points, otherwise: "another number of points on its curves" },
    seed: { value: seed, otherwise: "another seed" },
    precision: { value: engine.precision, otherwise: "an engine of another precision" },
    members: { value: hashGrid(grid), otherwise: "other members", hash: true },
    data: { value: hashArrays(arrays), otherwise: "other data", hash: true },
    programs: {
      value: hashPrograms(programs),
      otherwise: "another model, loss, optimizer or version of Phasebook",
      hash: true,
    },
  });
}

/** All that changes while a training runs. */
export const trainingState = (
  { arrays }: Observations,
  programs: MemberPrograms<TrainingPrograms<unknown>>,
): RunState => ({ arrays, stored: storedInputs(programs) });
