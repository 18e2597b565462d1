import type { FunctionBuilder } from "./assembler.js";
import { PARAMETERS } from "./kernel-context.js";

const VECTOR_BYTES = 16;

/**
 * Writes vectors side by side into the worker's scratch memory and reads them back. V8 joins pairs of vectors only
 * where their values end in stores of neighbours; sums that stay in registers do not by themselves.
 */
export function passThroughMemory(f: FunctionBuilder, vectors: readonly number[], scratch: number): void {
  vectors.forEach((local, i) =>
    f
      .get(PARAMETERS.arena)
      .get(local)
      .store(scratch + i * VECTOR_BYTES),
  );
  vectors.forEach((local, i) =>
    f
      .get(PARAMETERS.arena)
      .load(scratch + i * VECTOR_BYTES)
      .set(local),
  );
}
