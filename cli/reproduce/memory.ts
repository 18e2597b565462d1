import { availableParallelism, freemem, totalmem } from "node:os";

/** What a notebook may need in its default size, in MB. */
const NOTEBOOK_MB = 3000;
/** Part of the machine's memory for all kernels together. */
const SHARE = 0.8;
const BYTES_PER_MB = 2 ** 20;

/** How many notebooks run at once: each computes with all cores, so several only fill each other's pauses. */
export function jobsFor(notebooks: number): number {
  const fit = Math.floor(freemem() / BYTES_PER_MB / NOTEBOOK_MB);
  return Math.max(1, Math.min(notebooks, fit, Math.floor(availableParallelism() / 4)));
}

/** Memory of one kernel when so many run. */
export const memoryLimitMB = (jobs: number): number => Math.floor((SHARE * totalmem()) / BYTES_PER_MB / jobs);
