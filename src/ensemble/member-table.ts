import { type ColumnTable, table } from "arquero";
import type { TrainingRun } from "./training-run.js";

/** An Arquero table with one row for each member. */
export type MemberTable = ColumnTable;

/** Hyperparameters, last metrics, state and step of divergence of every member. */
export function memberTable<P, H extends string>(run: TrainingRun<P, H>): MemberTable {
  const columns = run.columns.map(({ name, values }) => [name, Float64Array.from(values)] as const);
  return table({
    member: Array.from({ length: run.members }, (_, member) => member),
    ...Object.fromEntries(columns),
    state: Array.from({ length: run.members }, (_, member) => run.state(member)),
    divergedAt: Float64Array.from(run.divergedAt),
  });
}
