import { totalmem } from "node:os";

/** Part of the machine's memory that user code may take: the rest is for Jupyter, the browser and the system. */
const DEFAULT_FRACTION = 0.8;
const BYTES_PER_MB = 2 ** 20;

/**
 * How many bytes the evaluator may occupy, typed arrays and worker threads included. `PHASEBOOK_MEMORY_LIMIT_MB` sets
 * it; without, it is a fraction of the machine's or the container's memory.
 */
export function memoryLimit({ PHASEBOOK_MEMORY_LIMIT_MB: own }: NodeJS.ProcessEnv): number {
  if (own !== undefined && Number(own) > 0) return Number(own) * BYTES_PER_MB;
  const constrained = process.constrainedMemory();
  const available = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.floor(available * DEFAULT_FRACTION);
}

export function toMegabytes(bytes: number): number {
  return Math.round(bytes / BYTES_PER_MB);
}
