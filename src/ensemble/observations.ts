import { MEMBER_STATES, type MemberState } from "../protocol.js";
import { type ColumnTexts, mergeColumnTexts } from "../storage/column-text.js";
import type { Grid } from "./grid.js";
import { hyperparameterColumns, type MemberColumn, metricColumn } from "./member-columns.js";
import type { MemberPrograms, StatePrograms } from "./member-programs.js";
import { Recorder } from "./recorder.js";
import { DIVERGED_INPUT, metricSumInput, NOT_DIVERGED } from "./training-program.js";

/** What is known of an ensemble's members beside their parameters: states, curves, last metrics. */
export class Observations {
  /** Indices into MEMBER_STATES, shape [members]. */
  readonly states: Uint8Array;
  /** Step at which a member diverged, NaN for the others; shape [members]. */
  readonly divergedAt: Float64Array;
  /** Hyperparameters first, then one column for each metric with its last recorded value. */
  readonly columns: readonly MemberColumn[];
  readonly recorder: Recorder;
  /** Members that diverged in the present interval. */
  private fresh: number[] = [];

  constructor(
    readonly grid: Grid,
    readonly metrics: readonly string[],
    points: number,
    texts?: ColumnTexts,
  ) {
    this.states = new Uint8Array(grid.count);
    this.divergedAt = new Float64Array(grid.count).fill(NaN);
    this.recorder = new Recorder(metrics, grid.count, points);
    const merged = mergeColumnTexts(grid.columns, texts);
    this.columns = [
      ...hyperparameterColumns(grid, merged),
      ...metrics.map((name) => metricColumn(name, grid.count, merged[name])),
    ];
  }

  /** Members in one of the given states. */
  where(...states: readonly MemberState[]): number[] {
    const wanted = MEMBER_STATES.map((state) => states.includes(state));
    const members: number[] = [];
    // Asked for between two dispatches: `forEach` takes several times as long.
    for (let member = 0; member < this.states.length; member++) if (wanted[this.states[member]!]) members.push(member);
    return members;
  }

  set(members: readonly number[], state: MemberState): void {
    for (const member of members) this.states[member] = MEMBER_STATES.indexOf(state);
  }

  /** Ends the training of members that have diverged, so that the others have the time. */
  noteDivergence(members: readonly number[], programs: MemberPrograms<StatePrograms>): void {
    for (const member of members) {
      const step = programs.view(DIVERGED_INPUT, member)[0];
      if (step === NOT_DIVERGED) continue;
      this.divergedAt[member] = step!;
      this.set([member], "diverged");
      this.fresh.push(member);
    }
  }

  /**
   * Adds a point to all curves: the mean over the interval that ends now. A member that diverged in it has an infinite
   * loss, whatever made it diverge; its other metrics stay what they were.
   */
  record(step: number, interval: number, programs: MemberPrograms<StatePrograms>): void {
    const diverged = new Set(this.fresh.splice(0));
    this.recorder.record(step, [...this.where("running"), ...diverged], (metric, member) => {
      const sum = programs.view(metricSumInput(metric), member)[0];
      programs.write(metricSumInput(metric), [0], member);
      if (!diverged.has(member)) return sum! / interval;
      return metric === "loss" ? Infinity : NaN;
    });
    const at = this.recorder.filled - 1;
    for (const { role, name, values } of this.columns) {
      if (role !== "metric") continue;
      const curve = this.recorder.curves.get(name)!;
      for (let member = 0; member < this.grid.count; member++) {
        const value = curve[member * this.recorder.points + at]!;
        if (!Number.isNaN(value)) values[member] = value;
      }
    }
  }

  /** All arrays by name, for saving and restoring in place; those that diverged in this interval come with their point. */
  get arrays(): ReadonlyMap<string, Uint8Array | Float32Array | Float64Array> {
    return new Map<string, Uint8Array | Float32Array | Float64Array>([
      ["states", this.states],
      ["divergedAt", this.divergedAt],
      ["steps", this.recorder.steps],
      ...[...this.recorder.curves].map(([name, curve]) => [`curve ${name}`, curve] as const),
      ...this.columns
        .filter(({ role }) => role === "metric")
        .map(({ name, values }) => [`column ${name}`, values] as const),
    ]);
  }

  /** After restoring arrays at `step`: members that diverged since the last recorded point are recorded at the next. */
  resume(interval: number, step: number): void {
    const start = Math.floor(step / interval) * interval;
    this.fresh = this.where("diverged").filter((member) => this.divergedAt[member]! >= start);
  }
}
