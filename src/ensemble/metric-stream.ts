import { MemberArray } from "./evaluate.js";
import type { TrainingRun } from "./training-run.js";

/** Points that were recorded since the last batch: for each metric the means over recording intervals. */
export interface MetricBatch {
  /** Training step at the end of each interval. */
  readonly steps: readonly number[];
  /** By metric, shape [members, steps.length]; NaN for members that are trained no more. */
  readonly metrics: Readonly<Record<string, MemberArray>>;
}

/** The part of a run that is streamed. */
type Source = Pick<TrainingRun<unknown>, "members" | "metrics" | "curve" | "onChange" | "progress"> & {
  readonly finished: Promise<unknown>;
};

/**
 * All metrics of a run from its start, as they are recorded. The training never waits for the consumer: one that is
 * slow finds more points in its next batch. Ends with the run; throws when the run failed.
 */
export async function* metricBatches(run: Source): AsyncGenerator<MetricBatch, void, void> {
  let wake: () => void = () => undefined;
  const release = run.onChange(() => wake());
  try {
    for (let done = 0; ;) {
      const changed = new Promise<void>((resolve) => (wake = resolve));
      const { state } = run.progress;
      const batch = batchFrom(run, done);
      done += batch.steps.length;
      if (batch.steps.length > 0) yield batch;
      else if (state === "waiting" || state === "running") await changed;
      else break;
    }
    await run.finished;
  } finally {
    release();
  }
}

/** Points from number `first` on. */
function batchFrom(run: Source, first: number): MetricBatch {
  const { steps } = run.curve("loss")!;
  const reached = steps.findIndex(Number.isNaN);
  const end = reached < 0 ? steps.length : reached;
  const columns = run.metrics.map((metric) => {
    const { values } = run.curve(metric)!;
    const batch = new MemberArray([run.members, end - first], new Float64Array(run.members * (end - first)));
    for (let member = 0; member < run.members; member++) {
      if (end > first)
        batch.of(member).set(values.subarray(member * steps.length + first, member * steps.length + end));
    }
    return [metric, batch] as const;
  });
  return { steps: Array.from(steps.subarray(first, end)), metrics: Object.fromEntries(columns) };
}
