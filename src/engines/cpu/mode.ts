import type { Program } from "../../tensor/program.js";
import { workOf } from "./work.js";

/** `fused`: a thread computes all of a member. `wide`: all threads share the kernels of one member after the other. */
export type Mode = "fused" | "wide";

export interface ModeChoice {
  readonly mode: Mode;
  /** For people. */
  readonly reason: string;
}

/** Elements and terms computed in a step, loops left out, below which waiting for one another takes too long. */
const LEAST_WORK = 2 ** 21;
/** Elements of a layer of which the weights and moments of two members crowd each other out of the caches. */
const LARGE_LAYER = 512 ** 2;

/** Chooses how threads divide the work; the bits do not depend on it. */
export function chooseMode(program: Program, members: number, threads: number): ModeChoice {
  if (threads === 1) return { mode: "fused", reason: "there is one thread" };
  const work = workOf(program);
  if (work < LEAST_WORK) return { mode: "fused", reason: "a step is short" };
  const largest = Math.max(...program.updates.map(({ value }) => value.size));
  if (largest > LARGE_LAYER) return { mode: "wide", reason: `a layer has ${largest} elements` };
  if (members < threads) return { mode: "wide", reason: `members are fewer than the ${threads} threads` };
  return { mode: "fused", reason: `there are ${members} members for ${threads} threads` };
}
