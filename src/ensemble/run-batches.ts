import type { Progress } from "../protocol.js";

/** A run that says when it has more. */
export interface WatchedRun {
  readonly progress: Progress;
  readonly finished: Promise<unknown>;
  onChange(listener: () => void): () => void;
}

/** What has come since a place, and the place after it. */
export interface Batch<B> {
  readonly content: B;
  readonly end: number;
}

/**
 * All that a run records, from its start, as it comes. The run never waits for the consumer: one that is slow finds more in
 * its next batch. Ends with the run; throws when the run failed.
 */
export async function* batchesOf<B>(run: WatchedRun, from: (first: number) => Batch<B>): AsyncGenerator<B, void, void> {
  let wake: () => void = () => undefined;
  const release = run.onChange(() => wake());
  try {
    for (let done = 0; ;) {
      const changed = new Promise<void>((resolve) => (wake = resolve));
      const { state } = run.progress;
      const { content, end } = from(done);
      if (end > done) {
        done = end;
        yield content;
      } else if (state === "waiting" || state === "running") await changed;
      else break;
    }
    await run.finished;
  } finally {
    release();
  }
}
