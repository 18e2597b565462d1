import type { Aggregate, Column, PhaseDiagramView } from "../src/protocol.js";
import { withUnit } from "./format.js";

type Reduce = (values: readonly number[]) => number;

/** How a phase diagram sums up the values of a cell's members, of which none is missing; NaN without any. */
export function reducer(view: PhaseDiagramView, categorical: boolean): Reduce {
  const { min = -Infinity, max = Infinity } = view.share ?? {};
  const reducers: Record<Aggregate, Reduce> = {
    mean,
    median: categorical ? commonest : median,
    share: (values) => mean(values.map((value) => (value >= min && value <= max ? 1 : 0))),
    spread,
  };
  return reducers[view.aggregate ?? "median"];
}

const mean: Reduce = (values) =>
  values.length === 0 ? NaN : values.reduce((sum, value) => sum + value, 0) / values.length;

function median(values: readonly number[]): number {
  if (values.length === 1) return values[0] ?? NaN;
  const sorted = [...values].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? NaN) + (sorted[sorted.length >> 1] ?? NaN)) / 2;
}

/** The category that most members have; the first of those on a tie. */
export function commonest(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a, n], [b, m]) => m - n || a - b)[0]?.[0] ?? NaN;
}

/** Sample standard deviation; NaN for fewer than two. */
function spread(values: readonly number[]): number {
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return values.length < 2 ? NaN : Math.sqrt(squares / (values.length - 1));
}

/** What the colours of an aggregate mean: `"share with error ≤ 0.1 MeV"`, `"spread of error (MeV)"`. */
export function aggregateLabel(view: PhaseDiagramView, { label, unit }: Column): string {
  if (view.colorLabel !== undefined) return view.colorLabel;
  const labelled = withUnit(label, unit);
  if (view.aggregate === "spread") return `spread of ${labelled}`;
  if (view.aggregate === "mean") return `mean ${labelled}`;
  if (view.aggregate !== "share") return labelled;
  const { min, max } = view.share ?? {};
  const range =
    min !== undefined && max !== undefined ? `in [${min}, ${max}]` : min === undefined ? `≤ ${max}` : `≥ ${min}`;
  return `share with ${label} ${range}${unit ? ` ${unit}` : ""}`;
}
