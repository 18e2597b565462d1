import type { Engine } from "../engines/index.js";
import type { NumericArray } from "../protocol.js";
import {
  CheckpointError,
  findCheckpoint,
  openCheckpoint,
  type StoredArray,
  writeCheckpoint,
} from "../storage/index.js";
import type { Grid } from "./grid.js";
import type { MemberPrograms, TrainingGroup } from "./member-programs.js";
import type { Observations } from "./observations.js";
import { hashArrays, hashPrograms } from "./program-hash.js";

/** Where and how often a training saves itself. */
export interface CheckpointOptions {
  readonly file: string;
  /** Least time between two checkpoints; one is written at the end in any case. Default 30. */
  readonly everySeconds?: number;
}

/** What makes a training the same one. */
interface Identity {
  readonly steps: number;
  readonly points: number;
  readonly seed: number;
  readonly precision: string;
  /** Hashes of the member table, the shared data and the programs. */
  readonly members: string;
  readonly data: string;
  readonly programs: string;
}

interface About extends Identity {
  readonly step: number;
  readonly elapsedSeconds: number;
}

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

const DIFFERENCES: Record<keyof Identity, string> = {
  steps: "another number of steps",
  points: "another number of points on its curves",
  seed: "another seed",
  precision: "an engine of another precision",
  members: "other members",
  data: "other data",
  programs: "another model, loss, optimizer or version of Phasebook",
};

/** The checkpoint of one training: all its state, between two steps. */
export class TrainingCheckpoint {
  readonly file: string;
  private readonly everySeconds: number;
  private readonly identity: Identity;
  private last = performance.now();

  constructor({ file, everySeconds = 30 }: CheckpointOptions, subject: CheckpointSubject<unknown>) {
    if (!(everySeconds >= 0)) throw new RangeError(`checkpoint: everySeconds is not negative, got ${everySeconds}.`);
    const { groups, grid, data, steps, points, seed, engine } = subject;
    this.file = file;
    this.everySeconds = everySeconds;
    this.identity = {
      steps,
      points,
      seed,
      precision: engine.precision,
      members: hashArrays(grid.names.map((name) => [name, [grid.count], grid.values[name]!])),
      data: hashArrays(Object.entries(data).map(([name, array]) => [name, array.shape, array.data])),
      programs: hashPrograms(groups.flatMap(({ programs }) => [programs.start, programs.step])),
    };
  }

  /** Whether it is time for the next one. */
  get due(): boolean {
    return performance.now() - this.last >= 1000 * this.everySeconds;
  }

  async save(progress: Pick<About, "step" | "elapsedSeconds">, state: TrainingState): Promise<void> {
    const { step, elapsedSeconds } = progress;
    const about: About = { ...this.identity, step, elapsedSeconds };
    const arrays = state.observations.arrays;
    const stored = state.stored;
    const names = [...arrays.keys(), ...stored.keys()];
    await writeCheckpoint(this.file, about, names, (name) => arrays.get(name) ?? stored.get(name)!.gather());
    this.last = performance.now();
  }

  /**
   * Restores what the file holds; undefined when there is none. Throws a {@link CheckpointError} when it is broken or of
   * another training, and when there could never be one.
   */
  async restore(state: TrainingState): Promise<Pick<About, "step" | "elapsedSeconds"> | undefined> {
    if (!(await findCheckpoint(this.file))) return undefined;
    const checkpoint = await openCheckpoint(this.file);
    try {
      const about = checkpoint.about as About;
      this.compare(about);
      for (const [name, array] of state.observations.arrays) await checkpoint.read(name, array);
      for (const [name, { gather, scatter }] of state.stored) {
        const values = gather();
        await checkpoint.read(name, values);
        scatter(values);
      }
      return about;
    } finally {
      await checkpoint.close();
    }
  }

  private compare(about: About): void {
    const differing = (Object.keys(DIFFERENCES) as (keyof Identity)[]).filter(
      (key) => about[key] !== this.identity[key],
    );
    if (differing.length === 0) return;
    const plain = differing.map((key) => {
      const values =
        key === "members" || key === "data" || key === "programs" ? "" : ` (${about[key]}, not ${this.identity[key]})`;
      return DIFFERENCES[key] + values;
    });
    throw new CheckpointError(
      `"${this.file}" is the checkpoint of another training, with ${plain.join(", ")}. ` +
        "Give another file, or delete this one to start anew.",
    );
  }
}

/** A value of all members of a group: read from the engine, or written to it. */
interface StoredValue {
  gather(): StoredArray;
  scatter(values: StoredArray): void;
}

/** All that changes while a training runs. */
export class TrainingState {
  /** State inputs of the programs, by name and group. */
  readonly stored: ReadonlyMap<string, StoredValue>;

  constructor(
    readonly observations: Observations,
    programs: MemberPrograms<unknown>,
  ) {
    this.stored = new Map(
      programs.loaded.flatMap(({ group, program }, number) =>
        group.programs.step.updates.map(
          ({ input, value: { size } }) =>
            [
              `${input} of group ${number}`,
              {
                gather() {
                  const first = program.read(input, 0);
                  const all = new (first.constructor as new (length: number) => typeof first)(size * program.members);
                  for (let member = 0; member < program.members; member++)
                    all.set(program.read(input, member), member * size);
                  return all;
                },
                scatter(values) {
                  for (let member = 0; member < program.members; member++)
                    program.write(input, values.subarray(member * size, (member + 1) * size), member);
                },
              } satisfies StoredValue,
            ] as const,
        ),
      ),
    );
  }
}
