import { type ColumnTable, table } from "arquero";
import { describeTable } from "../storage/index.js";
import type { ColumnTexts } from "../storage/column-text.js";
import type { TrainingRun } from "./training-run.js";

/** An Arquero table. */
export type MemberTable = ColumnTable;

type Source = Pick<TrainingRun<unknown>, "members" | "columns" | "metrics" | "curve" | "state" | "divergedAt">;

/** Hyperparameters, last metrics, state and step of divergence of every member. */
export function memberTable(run: Source): MemberTable {
  const columns = run.columns.map(({ name, values }) => [name, Float64Array.from(values)] as const);
  const made = table({
    member: Int32Array.from({ length: run.members }, (_, member) => member),
    ...Object.fromEntries(columns),
    state: Array.from({ length: run.members }, (_, member) => run.state(member)),
    divergedAt: Float64Array.from(run.divergedAt),
  });
  return describeTable(made, textsOf(run));
}

const textsOf = ({ columns }: Pick<Source, "columns">): ColumnTexts =>
  Object.fromEntries(columns.map(({ name, label, unit }) => [name, { label, unit }]));

/** Hyperparameters, step and metrics, a row for each point that was recorded of each member. */
export function curveTable(run: Source): MemberTable {
  const { steps, values: loss } = run.curve("loss")!;
  const points = steps.length;
  const rows = [...loss.keys()].filter((at) => !Number.isNaN(loss[at]!));
  const hyperparameters = run.columns.filter(({ role }) => role === "hyperparameter");
  const ofMember = ({ name, values }: { name: string; values: Float64Array }) =>
    [name, Float64Array.from(rows, (at) => values[Math.floor(at / points)]!)] as const;
  const ofPoint = (name: string) => [name, Float32Array.from(rows, (at) => run.curve(name)!.values[at]!)] as const;
  const made = table({
    member: Int32Array.from(rows, (at) => Math.floor(at / points)),
    ...Object.fromEntries(hyperparameters.map(ofMember)),
    step: Float64Array.from(rows, (at) => steps[at % points]!),
    ...Object.fromEntries(run.metrics.map(ofPoint)),
  });
  return describeTable(made, textsOf(run));
}
