import { MemberArray } from "./evaluate.js";
import { type Batch, batchesOf, type WatchedRun } from "./run-batches.js";
import type { TrainingRun } from "./training-run.js";

/** Points that were recorded since the last batch: for each metric the means over recording intervals. */
export interface MetricBatch {
  /** Training step at the end of each interval. */
  readonly steps: readonly number[];
  /** By metric, shape [members, steps.length]; NaN for members that are trained no more. */
  readonly metrics: Readonly<Record<string, MemberArray>>;
}

/** The part of a run that is streamed. */
type Source = WatchedRun & Pick<TrainingRun<unknown>, "members" | "metrics" | "curve">;

/** All metrics of a run from its start, as they are recorded. */
export const metricBatches = (run: Source): AsyncGenerator<MetricBatch, void, void> =>
  batchesOf(run, (first) => batchFrom(run, first));

/** Points from number `first` on. */
function batchFrom(run: Source, first: number): Batch<MetricBatch> {
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
  const content = { steps: Array.from(steps.subarray(first, end)), metrics: Object.fromEntries(columns) };
  return { content, end };
}
