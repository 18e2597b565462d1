import type { LoadedProgram } from "../engines/index.js";
import { input, Key, type ProgramInput, type Tensor } from "../tensor/index.js";
import type { Grid } from "./grid.js";

/** What a member knows of itself: its hyperparameters as scalars, by name, and the root of its random keys. */
export type MemberContext<H extends string> = { readonly [name in H]: Tensor } & {
  /** In `init` the member's own key; in `loss` a fresh one each step. */
  readonly key: Key;
};

/** Purposes of a member's keys: streams that must not overlap. */
export const KEY_STREAMS = { init: 0, step: 1, evaluate: 2 } as const;

const RESERVED = ["key", "step", "progress", "data"];

const hyperparameterInput = (name: string) => `hyperparameter ${name}`;

/** Hyperparameters as program inputs, and the member's root key: from its hyperparameter `seed`, else from `seed`. */
export function memberInputs<H extends string>(names: readonly H[], seed: number) {
  const clash = names.find((name) => RESERVED.includes(name));
  if (clash) throw new RangeError(`A hyperparameter cannot be called "${clash}": the training itself provides that.`);
  const inputs = names.map((name): ProgramInput => {
    const dtype = name === "seed" ? "u32" : "f32";
    return { name: hyperparameterInput(name), tensor: input(hyperparameterInput(name), [], dtype), scope: "member" };
  });
  const tensors = new Map(names.map((name, i) => [name, inputs[i]!.tensor]));
  const key = Key.of(tensors.get("seed" as H) ?? seed);
  return { inputs, key, context: Object.fromEntries(tensors) as { readonly [name in H]: Tensor } };
}

/** Gives every member its own hyperparameters. */
export function writeHyperparameters<H extends string>(program: LoadedProgram, grid: Grid<H>): void {
  for (const name of grid.names) {
    for (let member = 0; member < grid.count; member++) {
      program.write(hyperparameterInput(name), [grid.values[name][member]!], member);
    }
  }
}
