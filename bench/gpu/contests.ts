import type { Case } from "../ensembles/cases.js";
import type { ChainWork } from "../hmc.js";

/** Ensembles that a GPU is measured with. */
export const TRAININGS: readonly Case[] = [
  { widths: [2, 64, 64, 1], activation: "tanh", batch: 128, members: 1000, steps: 2000 },
  { widths: [3, 64, 2, 64, 3], activation: "tanh", batch: 128, members: 1024, steps: 2000 },
];

/** As many trajectories as keep a GPU busy for half a second. */
export const CHAINS: ChainWork = { chains: 4096, side: 16, steps: 10, trajectories: 4000, stepSize: 0.05 };
