import type { ColumnText, ColumnTexts } from "../storage/column-text.js";
import type { Grid } from "./grid.js";

/** A quantity known of every member. */
export interface MemberColumn extends ColumnText {
  readonly name: string;
  readonly role: "hyperparameter" | "metric";
  readonly scale: "linear" | "log";
  /** Shape [members]; NaN where not known. */
  readonly values: Float64Array;
}

/** A column for each hyperparameter; positive values that span a factor of 20 are shown on a logarithmic scale. */
export function hyperparameterColumns(grid: Grid, texts: ColumnTexts = grid.columns ?? {}): MemberColumn[] {
  return grid.names.map((name) => {
    const values = grid.values[name]!;
    const low = values.reduce((a, b) => Math.min(a, b));
    const high = values.reduce((a, b) => Math.max(a, b));
    const scale = name !== "seed" && low > 0 && high / low >= 20 ? "log" : "linear";
    return { name, ...texts[name], role: "hyperparameter", scale, values };
  });
}

/** A column for a metric that nothing is known of yet. */
export function metricColumn(name: string, members: number, text?: ColumnText): MemberColumn {
  const scale = name === "loss" ? "log" : "linear";
  return { name, ...text, role: "metric", scale, values: new Float64Array(members).fill(NaN) };
}
