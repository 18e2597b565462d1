import { MemberArray } from "../ensemble/index.js";
import { type Batch, batchesOf } from "../ensemble/run-batches.js";
import type { ChainRun } from "./chain-run.js";
import type { Observables } from "./sample.js";

/** Draws that were made since the last batch. */
export interface DrawBatch {
  /** Number of the first of them. */
  readonly first: number;
  /** By name, shape [chains, draws, ...observable]; NaN for chains that failed. */
  readonly observables: Readonly<Record<string, MemberArray>>;
}

/** All draws of a run from its start, as they are made. */
export const drawBatches = (run: ChainRun<string, Observables>): AsyncGenerator<DrawBatch, void, void> =>
  batchesOf(run, (first) => batchFrom(run, first));

function batchFrom(run: ChainRun<string, Observables>, first: number): Batch<DrawBatch> {
  const end = run.progress.step;
  const parts = Object.entries<MemberArray>(run.observables).map(([name, { shape, data }]) => {
    const [chains, draws, ...inner] = shape as [number, number, ...number[]];
    const size = data.length / (chains * draws);
    const part = new MemberArray([chains, end - first, ...inner], new Float64Array(chains * (end - first) * size));
    for (let chain = 0; chain < chains && end > first; chain++) {
      const from = chain * draws * size;
      part.of(chain).set(data.subarray(from + first * size, from + end * size));
    }
    return [name, part] as const;
  });
  return { content: { first, observables: Object.fromEntries(parts) }, end };
}
