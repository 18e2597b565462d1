import type { FunctionBuilder } from "./assembler.js";
import { PARAMETERS } from "./kernel-context.js";
import type { Place } from "./value-emitter.js";

const VECTOR_BYTES = 16;

/**
 * The order in which the vectors of a turn are stored, as indices: row by row, each from its end. V8 joins the stores of two
 * neighbours where the second comes first; in the other order it stores the first one by itself as well.
 */
export function orderOfStores(places: readonly Place[]): number[] {
  const order = [...places.keys()];
  return order.sort((i, j) => {
    const [a, b] = [places[i]!, places[j]!];
    return (a.row ?? 0) - (b.row ?? 0) || b.vector - a.vector;
  });
}

/**
 * Writes vectors side by side into the worker's scratch memory and reads them back. V8 joins pairs of vectors only
 * where their values end in stores of neighbours; sums that stay in registers do not by themselves.
 */
export function passThroughMemory(f: FunctionBuilder, vectors: readonly number[], scratch: number): void {
  const offsets = vectors.map((_, i) => scratch + i * VECTOR_BYTES);
  for (let i = vectors.length - 1; i >= 0; i--) f.get(PARAMETERS.arena).get(vectors[i]!).store(offsets[i]!);
  vectors.forEach((local, i) => f.get(PARAMETERS.arena).load(offsets[i]!).set(local));
}
