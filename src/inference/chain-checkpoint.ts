import { type MemberArray } from "../ensemble/index.js";
import type { MemberPrograms } from "../ensemble/member-programs.js";
import { hashGrid, hashPrograms } from "../ensemble/program-hash.js";
import { type CheckpointOptions, RunCheckpoint, type RunState, storedInputs } from "../ensemble/run-checkpoint.js";
import type { ChainPrograms } from "./chain-program.js";
import type { ChainSetup } from "./chain-run.js";

/** The checkpoint of chains, which no others take for their own. */
export function chainCheckpoint(options: CheckpointOptions, setup: ChainSetup<string>): RunCheckpoint {
  const { groups, chains, draws, warmup, block, engine } = setup;
  const programs = groups.flatMap((group) => [group.programs.start, group.programs.step]);
  return new RunCheckpoint(options, "run of chains", {
    draws: { value: draws, otherwise: "another number of draws" },
    warmup: { value: warmup, otherwise: "another warm-up" },
    block: { value: block, otherwise: "another number of draws per call" },
    precision: { value: engine.precision, otherwise: "an engine of another precision" },
    chains: { value: hashGrid(chains), otherwise: "other chains", hash: true },
    programs: {
      value: hashPrograms(programs),
      otherwise: "another kernel, start, observable, seed or version of Phasebook",
      hash: true,
    },
  });
}

/** All that changes while chains run. */
export const chainState = (
  states: Uint8Array,
  acceptance: Float64Array,
  observables: Readonly<Record<string, MemberArray>>,
  programs: MemberPrograms<ChainPrograms>,
): RunState => ({
  arrays: new Map<string, Uint8Array | Float64Array>([
    ["states", states],
    ["acceptance", acceptance],
    ...Object.entries(observables).map(([name, { data }]) => [`draws of ${name}`, data] as const),
  ]),
  stored: storedInputs(programs),
});
