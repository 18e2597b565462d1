import type { Progress } from "../protocol.js";
import { table } from "arquero";
import { columnTexts, describeTable } from "../storage/index.js";
import type { MemberColumn } from "./member-columns.js";
import { type MemberTable, memberTable } from "./member-table.js";
import type { Label } from "./refine.js";
import type { TrainingRun } from "./training-run.js";

/** A box of hyperparameters in which phases meet. */
export interface PhaseBoundary {
  readonly low: Readonly<Record<string, number>>;
  readonly high: Readonly<Record<string, number>>;
  /** The phases of the points in it and on its border. */
  readonly phases: readonly Label[];
}

/** What is merged of each run. */
type Part = Pick<
  TrainingRun<unknown>,
  "members" | "columns" | "metrics" | "curve" | "state" | "states" | "divergedAt" | "progress"
>;

/** The phase of every member. */
interface PhaseColumn extends Omit<MemberColumn, "scale"> {
  readonly scale: "category";
  readonly categories: readonly string[];
}

/** Runs of one training at points that lie the closer, the nearer they are to a boundary of phases; figures can draw it. */
export class Refinement {
  readonly id: string = crypto.randomUUID();
  /** Hyperparameters and metrics of all runs' members, then their "phase". */
  readonly columns: readonly (MemberColumn | PhaseColumn)[];
  /** Indices into MEMBER_STATES, shape [members]. */
  readonly states: Uint8Array;
  readonly divergedAt: Float64Array;
  readonly members: number;

  constructor(
    /** The first run, then those that were added. */
    readonly runs: readonly Part[],
    labels: readonly (readonly Label[])[],
    /** Where phases meet: the smallest boxes that are known to hold a boundary. */
    readonly boundaries: readonly PhaseBoundary[],
    /** Whether all of them are as small as they were to become: false where the budget ended, or the run was stopped. */
    readonly complete: boolean,
  ) {
    this.members = runs.reduce((sum, run) => sum + run.members, 0);
    this.states = Uint8Array.from(runs.flatMap((run) => [...run.states]));
    this.divergedAt = Float64Array.from(runs.flatMap((run) => [...run.divergedAt]));
    this.columns = [
      ...runs[0]!.columns.map((column, i): MemberColumn => ({
        ...column,
        values: Float64Array.from(runs.flatMap((run) => [...run.columns[i]!.values])),
      })),
      phaseColumn(labels.flat()),
    ];
  }

  get progress(): Progress {
    const last = this.runs.at(-1)!.progress;
    const elapsedSeconds = this.runs.reduce((sum, { progress }) => sum + progress.elapsedSeconds, 0);
    return { ...last, elapsedSeconds };
  }

  /** Curves of a metric of all members, shape [members, points]. */
  curve(metric: string): { steps: Float64Array; values: Float32Array } | undefined {
    const curves = this.runs.map((run) => run.curve(metric));
    const [first] = curves;
    if (!first) return undefined;
    const values = new Float32Array(this.members * first.steps.length);
    let at = 0;
    for (const curve of curves) {
      values.set(curve!.values, at);
      at += curve!.values.length;
    }
    return { steps: first.steps, values };
  }

  /** One row for each member, of all runs; `member` counts through. */
  table(): MemberTable {
    const tables = this.runs.map((run) => memberTable(run));
    const all = tables[0]!.concat(...tables.slice(1)).reify();
    const { values, categories } = this.columns.at(-1) as PhaseColumn;
    const texts = columnTexts(tables[0]!);
    const made = all.assign(
      table({
        member: Int32Array.from({ length: this.members }, (_, member) => member),
        phase: Array.from(values, (index) => categories[index]!),
      }),
    );
    return describeTable(made, texts);
  }
}

function phaseColumn(labels: readonly Label[]): PhaseColumn {
  const categories = [...new Set(labels)].sort();
  const values = Float64Array.from(labels, (label) => categories.indexOf(label));
  return { name: "phase", role: "metric", scale: "category", categories: categories.map(String), values };
}
