import type { Engine, LoadedProgram } from "../engines/index.js";
import { notebookHost } from "../notebook-host.js";
import { MEMBER_STATES, type MemberState, type NumericArray, type Progress } from "../protocol.js";
import { leavesOf } from "../tensor/index.js";
import { evaluateMembers, type MemberArrays } from "./evaluate.js";
import type { Grid } from "./grid.js";
import { type MemberContext, writeHyperparameters } from "./member-inputs.js";
import { Recorder } from "./recorder.js";
import { StepPacer } from "./step-pacer.js";
import { type MemberTable, memberTable } from "./member-table.js";
import { dataInput, DIVERGED_INPUT, metricSumInput, NOT_DIVERGED, type TrainingPrograms } from "./training-program.js";

/** A quantity known of every member. */
export interface MemberColumn {
  readonly name: string;
  readonly role: "hyperparameter" | "metric";
  readonly scale: "linear" | "log";
  /** Shape [members]; NaN where not known. */
  readonly values: Float64Array;
}

/** What a run is made of. */
export interface TrainingSetup<P, H extends string> {
  readonly programs: TrainingPrograms<P>;
  readonly grid: Grid<H>;
  readonly data: Readonly<Record<string, NumericArray>>;
  readonly steps: number;
  readonly points: number;
  readonly seed: number;
  readonly engine: Engine;
  readonly signal: AbortSignal | undefined;
  readonly title: string | undefined;
}

/** An ensemble in training: watch it, stop it, ask its members. Everything stays readable after it has ended. */
export class TrainingRun<P, H extends string = string> {
  /** Unique across sessions: saved figures hold it. */
  readonly id: string;
  readonly title: string | undefined;
  readonly grid: Grid<H>;
  /** Which engine computes, and in which precision. */
  readonly engine: { readonly name: string; readonly description: string; readonly precision: string };
  /** Hyperparameters first, then one column for each metric with its last recorded value. Values change in place. */
  readonly columns: readonly MemberColumn[];
  /** Indices into MEMBER_STATES, shape [members]. */
  readonly states: Uint8Array;
  /** Step at which a member's loss stopped being finite, NaN for the others; shape [members]. */
  readonly divergedAt: Float64Array;
  /** Resolves when all steps are done or the run was stopped; rejects when it could not be carried out. */
  readonly finished: Promise<this>;

  private current: Progress;
  private readonly recorder: Recorder;
  private readonly listeners = new Set<() => void>();
  private program: LoadedProgram | undefined;
  private stopReason: string | undefined;

  constructor(private readonly setup: TrainingSetup<P, H>) {
    const { grid, programs, steps, engine } = setup;
    this.id = crypto.randomUUID();
    this.title = setup.title;
    this.grid = grid;
    this.engine = { name: engine.name, description: engine.description, precision: engine.precision };
    this.states = new Uint8Array(grid.count);
    this.divergedAt = new Float64Array(grid.count).fill(NaN);
    this.recorder = new Recorder(programs.metrics, grid.count, Math.ceil(steps / this.interval));
    this.columns = [
      ...grid.names.map((name) => hyperparameterColumn(name, grid)),
      ...programs.metrics.map((name) => metricColumn(name, grid.count)),
    ];
    this.current = { state: "waiting", step: 0, steps, elapsedSeconds: 0 };
    this.finished = this.execute();
  }

  /** Number of members. */
  get members(): number {
    return this.grid.count;
  }

  get progress(): Progress {
    return this.current;
  }

  /** Names of the recorded scalars, "loss" first. */
  get metrics(): readonly string[] {
    return this.setup.programs.metrics;
  }

  /** Members that are still trained or have been to the end: neither diverged nor failed. */
  get healthyMembers(): number[] {
    return membersWhere(this.states, (state) => state !== "diverged" && state !== "failed");
  }

  /** State of a member. */
  state(member: number): MemberState {
    return MEMBER_STATES[this.states[member]!]!;
  }

  /** Stops after the present chunk of steps; what was computed stays. */
  stop(reason = "stopped"): void {
    this.stopReason ??= reason;
  }

  /** Calls `listener` after every chunk of steps; the answer ends that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Curves of a metric: steps [points] and values [members, points], NaN where not reached. */
  curve(metric: string): { steps: Float64Array; values: Float32Array } | undefined {
    return this.recorder.curve(metric);
  }

  /** One row for each member: hyperparameters, metrics, state, step of divergence. */
  table(): MemberTable {
    return memberTable(this);
  }

  /**
   * Computes a function of every member's present parameters with the engine: latent spaces, test errors.
   * Values have shape [members, ...result]; members that failed hold NaN.
   */
  async evaluate<R>(f: (parameters: P, context: MemberContext<H>) => R): Promise<MemberArrays<R>> {
    if (!this.program) throw new Error("The run has not started yet; await run.finished, or call evaluate later.");
    const { programs, grid, seed, engine } = this.setup;
    return evaluateMembers({ f, parameters: programs.parameters, program: this.program, grid, seed, engine });
  }

  /** A member's present parameters, as a tree of arrays by path ("encoder[0].weight"). */
  parameters(member: number): Record<string, NumericArray> {
    const entries = leavesOf(this.setup.programs.parameters).map(({ path, tensor }) => {
      const values = this.program!.read(`parameters ${path}`, member);
      return [path, { shape: [...tensor.shape], data: values }] as const;
    });
    return Object.fromEntries(entries);
  }

  /** How Node, and a notebook, shows a run. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    const { state, step, steps, message } = this.current;
    return `Training of ${this.members} members on ${this.engine.name}, ${state} at step ${step} of ${steps}${message ? ` (${message})` : ""}`;
  }

  private get interval(): number {
    return Math.max(1, Math.round(this.setup.steps / this.setup.points));
  }

  private async execute(): Promise<this> {
    try {
      await this.start();
      await this.advance();
    } catch (error) {
      this.end("failed", error instanceof Error ? error.message : String(error));
      throw error;
    }
    return this;
  }

  /** Loads the program and gives every member its first state. */
  private async start(): Promise<void> {
    const { programs, grid, data, engine } = this.setup;
    this.program = await engine.load(programs.step, { members: grid.count });
    for (const [name, { data: values }] of Object.entries(data)) this.program.write(dataInput(name), values);
    const start = await engine.load(programs.start, { members: grid.count });
    writeHyperparameters(start, grid);
    writeHyperparameters(this.program, grid);
    const { failures } = await start.run(1);
    if (failures[0]) throw new Error(`Member ${failures[0].member} could not be initialised: ${failures[0].reason}`);
    for (let member = 0; member < grid.count; member++) {
      for (const name of programs.stateNames) this.program.write(name, start.read(name, member), member);
      this.program.write(DIVERGED_INPUT, [NOT_DIVERGED], member);
    }
    start.dispose();
  }

  private async advance(): Promise<void> {
    const { steps } = this.setup;
    const pacer = new StepPacer();
    this.setStates(this.alive(), "running");
    this.update({ state: "running" });
    for (let step = 0; step < steps && this.goesOn();) {
      const alive = this.alive();
      if (alive.length === 0) break;
      const boundary = Math.min(steps, (Math.floor(step / this.interval) + 1) * this.interval);
      const chunk = Math.min(pacer.steps, boundary - step);
      const seconds = await this.runChunk(alive, chunk);
      pacer.measured(chunk, seconds);
      step += chunk;
      if (step === boundary) this.record(step);
      this.update({
        step,
        elapsedSeconds: this.current.elapsedSeconds + seconds,
        throughput: (alive.length * chunk) / seconds,
      });
    }
    this.conclude();
  }

  private async runChunk(alive: readonly number[], chunk: number): Promise<number> {
    const before = performance.now();
    const { failures } = await this.program!.run(chunk, alive);
    for (const { member, reason } of failures) {
      this.setStates([member], "failed");
      this.current = { ...this.current, message: `Member ${member} failed: ${reason}` };
    }
    return (performance.now() - before) / 1000;
  }

  /** Reads and clears the members' sums over the interval; marks those whose loss is no longer finite. */
  private record(step: number): void {
    const program = this.program!;
    const start = Math.floor((step - 1) / this.interval) * this.interval;
    const alive = this.alive();
    this.recorder.record(step, alive, (metric, member) => {
      const [sum] = program.read(metricSumInput(metric), member);
      program.write(metricSumInput(metric), [0], member);
      return sum! / (step - start);
    });
    for (const column of this.columns) {
      if (column.role !== "metric") continue;
      for (const member of alive) column.values[member] = this.recorder.last(column.name, member);
    }
    for (const member of alive) {
      const [divergedAt] = program.read(DIVERGED_INPUT, member);
      if (divergedAt === NOT_DIVERGED) continue;
      this.divergedAt[member] = divergedAt!;
      this.setStates([member], "diverged");
    }
  }

  private conclude(): void {
    const stopped = this.stopReason !== undefined;
    if (stopped && this.current.step % this.interval !== 0) this.record(this.current.step);
    this.setStates(
      membersWhere(this.states, (state) => state === "running"),
      stopped ? "stopped" : "finished",
    );
    const diverged = membersWhere(this.states, (state) => state === "diverged").length;
    const notes = [this.stopReason, diverged > 0 ? `${diverged} of ${this.members} members diverged` : undefined];
    const message = notes.filter((note) => note !== undefined).join("; ");
    this.end(stopped ? "stopped" : "finished", message || this.current.message);
  }

  private end(state: Progress["state"], message: string | undefined): void {
    this.update({ state, ...(message !== undefined && { message }) });
  }

  private alive(): number[] {
    return membersWhere(this.states, (state) => state === "waiting" || state === "running");
  }

  private setStates(members: readonly number[], state: MemberState): void {
    for (const member of members) this.states[member] = MEMBER_STATES.indexOf(state);
  }

  private update(change: Partial<Progress>): void {
    this.current = { ...this.current, ...change };
    for (const listener of this.listeners) listener();
  }

  /**
   * Whether to go on. The user's signal stops the run, and so does an interrupt of the cell that runs now, which need not
   * be the one that started it.
   */
  private goesOn(): boolean {
    if (this.setup.signal?.aborted || notebookHost()?.interruptSignal.aborted) this.stop("interrupted");
    return this.stopReason === undefined;
  }
}

function membersWhere(states: Uint8Array, test: (state: MemberState) => boolean): number[] {
  return Array.from(states.keys()).filter((member) => test(MEMBER_STATES[states[member]!]!));
}

function hyperparameterColumn<H extends string>(name: H, grid: Grid<H>): MemberColumn {
  const values = grid.values[name];
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const scale = name !== "seed" && low > 0 && high / low >= 20 ? "log" : "linear";
  return { name, role: "hyperparameter", scale, values };
}

function metricColumn(name: string, members: number): MemberColumn {
  return {
    name,
    role: "metric",
    scale: name === "loss" ? "log" : "linear",
    values: new Float64Array(members).fill(NaN),
  };
}
