/** What the benches of the GPU run. */
import { availableParallelism } from "node:os";
import type { Engine } from "../../src/engines/index.js";
import { type Case, flopsOf, nameOf, trainingOf } from "../ensembles/cases.js";
import { type ChainWork, chainsOf, nameOfChains } from "../hmc.js";
import { chainPeers, type GpuPeer, trainingPeers } from "./peers.js";

/** Ensembles that a GPU is measured with. */
export const TRAININGS: readonly Case[] = [
  { widths: [2, 64, 64, 1], activation: "tanh", batch: 128, members: 1000, steps: 2000 },
  { widths: [3, 64, 2, 64, 3], activation: "tanh", batch: 128, members: 1024, steps: 2000 },
];

/** As many trajectories as keep a GPU busy for half a second. */
export const CHAINS: ChainWork = { chains: 4096, side: 16, steps: 10, trajectories: 4000, stepSize: 0.05 };

/** What one repetition of a case does. */
export interface Contest {
  readonly name: string;
  /** Training steps, or trajectories. */
  readonly steps: number;
  /** How many of them are one step of the program that the engine runs. */
  readonly stepsOfProgram: number;
  readonly members: number;
  /** Floating-point operations of one step of a member; none where only time is compared. */
  readonly flops?: number;
  /** Seconds of a repetition. */
  run(engine: Engine): Promise<number>;
  readonly peers: readonly GpuPeer[];
}

/** On a software adapter, ensembles that it gets through in seconds. */
export function contests(software: boolean): Contest[] {
  const members = availableParallelism();
  const trainings = TRAININGS.map((full): Contest => {
    const one = software ? { ...full, members, steps: 2 } : full;
    return {
      name: nameOf(one),
      steps: one.steps,
      stepsOfProgram: 1,
      members: one.members,
      flops: flopsOf(one),
      run: async (engine) => {
        const run = trainingOf(engine, one);
        await run.finished;
        return run.progress.elapsedSeconds;
      },
      peers: trainingPeers(one),
    };
  });
  const work = software ? { ...CHAINS, chains: members, trajectories: 4 } : CHAINS;
  const chains: Contest = {
    name: nameOfChains(work),
    steps: work.trajectories,
    stepsOfProgram: work.trajectories / 2,
    members: work.chains,
    run: async (engine) => (await chainsOf(engine, work)).seconds,
    peers: chainPeers(work),
  };
  return [...trainings, chains];
}
