import type { LoadedProgram } from "../engines/index.js";
import { input, Key, type ProgramInput, type Tensor } from "../tensor/index.js";
import type { Grid } from "./grid.js";

/**
 * What a member knows of itself: its hyperparameters by name, as scalars, and the root of its random keys. Structural
 * hyperparameters (`S`), on which shapes depend, are plain numbers.
 */
export type MemberContext<H extends string, S extends string = never> = {
  readonly [name in H]: name extends S ? number : Tensor;
} & {
  /** In `init` the member's own key; in `loss` a fresh one each step. */
  readonly key: Key;
};

/** Purposes of a member's keys: streams that must not overlap. */
export const KEY_STREAMS = { init: 0, step: 1, evaluate: 2 } as const;

/** Names that contexts and tables of members use themselves. */
const RESERVED = ["key", "step", "progress", "data", "member", "state", "divergedAt"];

const hyperparameterInput = (name: string) => `hyperparameter ${name}`;

/**
 * Hyperparameters as program inputs, and the member's root key: from its hyperparameter `seed`, else from `seed`. Those
 * in `structure` are no inputs but have the value given there.
 */
export function memberInputs<H extends string>(
  names: readonly H[],
  seed: number,
  structure: Readonly<Record<string, number>> = {},
) {
  const clash = names.find((name) => RESERVED.includes(name));
  if (clash) throw new RangeError(`A hyperparameter cannot be called "${clash}": the training itself provides that.`);
  const traced = names.filter((name) => !(name in structure));
  const inputs = traced.map((name): ProgramInput => {
    const dtype = name === "seed" ? "u32" : "f32";
    return { name: hyperparameterInput(name), tensor: input(hyperparameterInput(name), [], dtype), scope: "member" };
  });
  const tensors = new Map<string, Tensor>(traced.map((name, i) => [name, inputs[i]!.tensor]));
  const key = Key.of(tensors.get("seed") ?? structure["seed"] ?? seed);
  const context = { ...Object.fromEntries(tensors), ...structure } as Omit<MemberContext<H, H>, "key">;
  return { inputs, key, context };
}

/** Gives every member its own hyperparameters; `members` are the places in the grid of the program's members. */
export function writeHyperparameters(
  program: LoadedProgram,
  inputs: readonly ProgramInput[],
  grid: Grid,
  members: readonly number[],
): void {
  const known = new Set(inputs.map(({ name }) => name));
  for (const name of grid.names) {
    if (!known.has(hyperparameterInput(name))) continue;
    members.forEach((member, local) => {
      program.write(hyperparameterInput(name), [grid.values[name]![member]!], local);
    });
  }
}
