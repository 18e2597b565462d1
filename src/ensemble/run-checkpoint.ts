import { gather } from "../engines/gather.js";
import {
  CheckpointError,
  findCheckpoint,
  openCheckpoint,
  type StoredArray,
  writeCheckpoint,
} from "../storage/index.js";
import type { MemberPrograms, StatePrograms } from "./member-programs.js";

/** Where and how often a run saves itself. */
export interface CheckpointOptions {
  readonly file: string;
  /** Least time between two checkpoints; one is written at the end in any case. Default 30. */
  readonly everySeconds?: number;
}

/** Something that makes a run the same one. */
export interface Trait {
  readonly value: number | string;
  /** What to say of a checkpoint with another value. */
  readonly otherwise: string;
  /** Hashes are not shown. */
  readonly hash?: boolean;
}

/** What makes a run the same one, by name. */
export type Identity = Readonly<Record<string, Trait>>;

/** How far a run has come. */
export interface SavedProgress {
  readonly step: number;
  readonly elapsedSeconds: number;
}

/** A value of many members: read from the engine, or written to it. */
export interface StoredValue {
  gather(): StoredArray;
  scatter(values: StoredArray): void;
}

/** All that changes while a run goes on: arrays of the host, which are saved and restored in place, and the engine's state. */
export interface RunState {
  readonly arrays: ReadonlyMap<string, StoredArray>;
  readonly stored: ReadonlyMap<string, StoredValue>;
}

/** The checkpoint of one run: all its state, between two steps. */
export class RunCheckpoint {
  readonly file: string;
  private readonly everySeconds: number;
  private last = performance.now();

  /** `kind` is what messages call the run: "training". */
  constructor(
    { file, everySeconds = 30 }: CheckpointOptions,
    private readonly kind: string,
    private readonly identity: Identity,
  ) {
    if (!(everySeconds >= 0)) throw new RangeError(`checkpoint: everySeconds is not negative, got ${everySeconds}.`);
    this.file = file;
    this.everySeconds = everySeconds;
  }

  /** Whether it is time for the next one. */
  get due(): boolean {
    return performance.now() - this.last >= 1000 * this.everySeconds;
  }

  async save({ step, elapsedSeconds }: SavedProgress, { arrays, stored }: RunState): Promise<void> {
    const traits = Object.entries(this.identity).map(([name, { value }]) => [name, value] as const);
    const about = { ...Object.fromEntries(traits), step, elapsedSeconds };
    const names = [...arrays.keys(), ...stored.keys()];
    await writeCheckpoint(this.file, about, names, (name) => arrays.get(name) ?? stored.get(name)!.gather());
    this.last = performance.now();
  }

  /**
   * Restores what the file holds; undefined when there is none. Throws a {@link CheckpointError} when it is broken or of
   * another run, and when there could never be one.
   */
  async restore({ arrays, stored }: RunState): Promise<SavedProgress | undefined> {
    if (!(await findCheckpoint(this.file))) return undefined;
    const checkpoint = await openCheckpoint(this.file);
    try {
      const about = checkpoint.about as SavedProgress & Readonly<Record<string, unknown>>;
      this.compare(about);
      for (const [name, array] of arrays) await checkpoint.read(name, array);
      for (const [name, { gather, scatter }] of stored) {
        const values = gather();
        await checkpoint.read(name, values);
        scatter(values);
      }
      return about;
    } finally {
      await checkpoint.close();
    }
  }

  private compare(about: Readonly<Record<string, unknown>>): void {
    const differing = Object.entries(this.identity).filter(([name, { value }]) => about[name] !== value);
    if (differing.length === 0) return;
    const plain = differing.map(([name, { value, otherwise, hash = false }]) =>
      hash ? otherwise : `${otherwise} (${String(about[name])}, not ${value})`,
    );
    throw new CheckpointError(
      `"${this.file}" is the checkpoint of another ${this.kind}, with ${plain.join(", ")}. ` +
        "Give another file, or delete this one to start anew.",
    );
  }
}

/** State inputs of programs, by name and group. */
export function storedInputs({ loaded }: MemberPrograms<StatePrograms>): Map<string, StoredValue> {
  const entries = loaded.flatMap(({ group, program }, number) =>
    group.programs.step.updates.map(({ input, value: { size } }) => {
      const stored: StoredValue = {
        gather: () => gather(program, input),
        scatter(values) {
          for (let member = 0; member < program.members; member++)
            program.write(input, values.subarray(member * size, (member + 1) * size), member);
        },
      };
      return [`${input} of group ${number}`, stored] as const;
    }),
  );
  return new Map(entries);
}
