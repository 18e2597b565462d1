import type { Engine, LoadedProgram } from "../engines/index.js";
import { InterruptWatch } from "../notebook-host.js";
import { MEMBER_STATES, type MemberState, type NumericArray, type Progress } from "../protocol.js";
import { leavesOf, type Program } from "../tensor/index.js";
import { computeParts, type MemberArrays, traceMember } from "./evaluate.js";
import type { ColumnTexts } from "../storage/column-text.js";
import type { Grid } from "./grid.js";
import type { MemberColumn } from "./member-columns.js";
import type { MemberContext } from "./member-inputs.js";
import { MemberPrograms } from "./member-programs.js";
import { curveTable, type MemberTable, memberTable } from "./member-table.js";
import { type MetricBatch, metricBatches } from "./metric-stream.js";
import { Observations } from "./observations.js";
import { StepPacer } from "./step-pacer.js";
import type { CheckpointOptions, RunCheckpoint } from "./run-checkpoint.js";
import { trainingCheckpoint, trainingState } from "./training-checkpoint.js";
import {
  DIVERGED_INPUT,
  dataInput,
  NOT_DIVERGED,
  type TrainingGroup,
  type TrainingPrograms,
} from "./training-program.js";

/** What a run is made of. */
export interface TrainingSetup<P, H extends string, S extends H> {
  readonly groups: readonly TrainingGroup<P>[];
  readonly grid: Grid<H>;
  readonly data: Readonly<Record<string, NumericArray>>;
  readonly steps: number;
  readonly points: number;
  readonly seed: number;
  readonly engine: Engine;
  readonly signal: AbortSignal | undefined;
  readonly title: string | undefined;
  readonly columns: ColumnTexts | undefined;
  readonly checkpoint: CheckpointOptions | undefined;
  /** The same training of other members. */
  readonly again: (members: Grid<H>) => TrainingRun<P, H, S>;
}

/** An ensemble in training: watch it, stop it, ask its members. Everything stays readable after it has ended. */
export class TrainingRun<P, H extends string = string, S extends H = never> {
  /** Unique across sessions: saved figures hold it. */
  readonly id: string;
  readonly title: string | undefined;
  readonly grid: Grid<H>;
  /** Resolves when all steps are done or the run was stopped; rejects when it could not be carried out. */
  readonly finished: Promise<this>;

  private current: Progress;
  private readonly observations: Observations;
  private readonly checkpoint: RunCheckpoint | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly notes = new Set<string>();
  private programs: MemberPrograms<TrainingPrograms<P>> | undefined;
  private stopReason: string | undefined;
  private readonly interrupts = new InterruptWatch();

  constructor(private readonly setup: TrainingSetup<P, H, S>) {
    const { grid, steps, checkpoint } = setup;
    this.id = crypto.randomUUID();
    this.title = setup.title;
    this.grid = grid;
    this.observations = new Observations(grid, this.metrics, Math.ceil(steps / this.interval), setup.columns);
    this.checkpoint = checkpoint && trainingCheckpoint(checkpoint, setup);
    this.current = { state: "waiting", step: 0, steps, elapsedSeconds: 0 };
    this.finished = this.execute();
  }

  /** Which engine computes, on what, and in which precision. */
  get engine(): { readonly name: string; readonly description: string; readonly precision: string } {
    const { name, description, precision } = this.setup.engine;
    return { name, description, precision };
  }

  /** Number of members. */
  get members(): number {
    return this.grid.count;
  }

  get progress(): Progress {
    return this.current;
  }

  /** One step as the engine runs it for every member; where members differ in structure, that of the first. */
  get program(): Program {
    return this.setup.groups[0]!.programs.step;
  }

  /** Names of the recorded scalars, "loss" first. */
  get metrics(): readonly string[] {
    return this.setup.groups[0]!.programs.metrics;
  }

  /** Hyperparameters first, then one column for each metric with its last recorded value. Values change in place. */
  get columns(): readonly MemberColumn[] {
    return this.observations.columns;
  }

  /** Indices into MEMBER_STATES, shape [members]. */
  get states(): Uint8Array {
    return this.observations.states;
  }

  /** Step at which a member's loss stopped being finite, NaN for the others; shape [members]. */
  get divergedAt(): Float64Array {
    return this.observations.divergedAt;
  }

  /** Members that are still trained or have been to the end: neither diverged nor failed. */
  get healthyMembers(): number[] {
    return this.observations.where("waiting", "running", "finished", "stopped");
  }

  /** State of a member. */
  state(member: number): MemberState {
    return MEMBER_STATES[this.states[member]!]!;
  }

  /** Stops after the present chunk of steps; what was computed stays. */
  stop(reason = "stopped"): void {
    this.stopReason ??= reason;
  }

  /** Calls `listener` after every chunk of steps; the answer ends that. One that throws is not called again. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * All metrics from the start, as they are recorded: `for await (const { steps, metrics } of run.batches())`. The
   * training never waits: a slow consumer finds more points in its next batch. Throws at the end when the run failed.
   */
  batches(): AsyncGenerator<MetricBatch, void, void> {
    return metricBatches(this);
  }

  /**
   * Hands every batch of metrics to a consumer, the next one when the answer to the last has resolved. Resolves when the
   * run has ended and the consumer has had all; rejects with its error, which the training does not feel.
   */
  async stream(consumer: (batch: MetricBatch) => void | Promise<void>): Promise<void> {
    for await (const batch of this.batches()) await consumer(batch);
  }

  /** Curves of a metric: steps [points] and values [members, points], NaN where not reached. */
  curve(metric: string): { steps: Float64Array; values: Float32Array } | undefined {
    const { steps, curves } = this.observations.recorder;
    const values = curves.get(metric);
    return values && { steps, values };
  }

  /** One row for each member: hyperparameters, metrics, state, step of divergence. */
  table(): MemberTable {
    return memberTable(this);
  }

  /** One row for each member and recorded point: hyperparameters, step and metrics. */
  curveTable(): MemberTable {
    return curveTable(this);
  }

  /** The same training of other members, from its start. */
  again(members: Grid<H>): TrainingRun<P, H, S> {
    return this.setup.again(members);
  }

  /**
   * Computes a function of every member's present parameters with the engine: latent spaces, test errors.
   * Values have shape [members, ...result]; members that failed hold NaN.
   */
  async evaluate<R>(f: (parameters: P, context: MemberContext<H, S>) => R): Promise<MemberArrays<R>> {
    const { groups, grid, seed, engine } = this.setup;
    const programs = this.started();
    await programs.fetch(parameterInputs);
    const parts = groups.map((group) => {
      const { parameters } = group.programs;
      const given = leavesOf(parameters).map(({ path, tensor }) => ({ name: parameterInput(path), tensor }));
      const inputs = given.map((input) => ({ ...input, scope: "member" as const }));
      const compute = (context: MemberContext<H, S>) => f(parameters, context);
      const part = traceMember<H, R, S>(group, grid.names, seed, compute, inputs);
      return {
        ...part,
        prepare: (loaded: LoadedProgram) => {
          for (const [local, member] of group.members.entries())
            for (const { name } of given) loaded.write(name, programs.view(name, member), local);
        },
      };
    });
    return computeParts(parts, grid, engine);
  }

  /**
   * A member's present parameters, as a tree of arrays by path ("encoder[0].weight"). While a run goes on, an engine whose
   * memory is elsewhere may have newer ones: {@link evaluate} waits for them.
   */
  parameters(member: number): Record<string, NumericArray> {
    const programs = this.started();
    const entries = leavesOf(programs.programsOf(member).parameters).map(({ path, tensor }) => {
      const values = programs.read(parameterInput(path), member);
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

  private started(): MemberPrograms<TrainingPrograms<P>> {
    if (this.programs) return this.programs;
    throw new Error("The run has not started yet; await run.finished, or ask again later.");
  }

  private async execute(): Promise<this> {
    try {
      await this.start();
      await this.advance();
      await this.save();
      await this.programs!.fetch(parameterInputs);
      this.conclude();
    } catch (error) {
      // Elsewhere the parameters may be gone, or take forever to come.
      if (this.programs && !this.programs.computesElsewhere) this.programs.keepOnly(parameterInputs);
      this.end("failed", error instanceof Error ? error.message : String(error));
      throw error;
    }
    return this;
  }

  /** Loads the programs and gives every member its first state, or that of the checkpoint. */
  private async start(): Promise<void> {
    const { groups, grid, data, engine } = this.setup;
    const shared = Object.entries(data).map(([name, array]) => [dataInput(name), array.data] as const);
    const programs = await MemberPrograms.load(groups, grid, Object.fromEntries(shared), engine);
    const saved = await this.checkpoint?.restore(trainingState(this.observations, programs));
    if (saved) {
      this.observations.resume(this.interval, saved.step);
      this.current = { ...this.current, step: saved.step, elapsedSeconds: saved.elapsedSeconds };
    } else {
      await programs.initialize(grid, engine, { [DIVERGED_INPUT]: NOT_DIVERGED });
      this.observations.set(this.observations.where("waiting"), "running");
    }
    this.programs = programs;
    this.update({ state: "running" });
  }

  private async advance(): Promise<void> {
    const { steps } = this.setup;
    const pacer = new StepPacer();
    while (this.current.step < steps && this.goesOn()) {
      const running = this.observations.where("running");
      if (running.length === 0) break;
      const { step, elapsedSeconds } = this.current;
      const boundary = Math.min(steps, (Math.floor(step / this.interval) + 1) * this.interval);
      const chunk = Math.min(pacer.steps, boundary - step);
      const seconds = await this.runChunk(running, chunk);
      if (seconds === undefined) break;
      pacer.measured(chunk, seconds);
      if (step + chunk === boundary) this.record(boundary);
      this.update({
        step: step + chunk,
        elapsedSeconds: elapsedSeconds + seconds,
        throughput: (running.length * chunk) / seconds,
      });
      if (this.checkpoint?.due) await this.save();
    }
  }

  /** Seconds that it took; undefined where an interrupt ended it in the middle. */
  private async runChunk(running: readonly number[], chunk: number): Promise<number | undefined> {
    const before = performance.now();
    const report = await this.programs!.run(chunk, running).catch((error: unknown) => {
      if (this.goesOn()) throw error;
    });
    if (!report) return undefined;
    const { failures } = report;
    for (const { member, reason } of failures) {
      this.observations.set([member], "failed");
      this.notes.add(`member ${member} failed: ${reason}`);
    }
    this.observations.noteDivergence(this.observations.where("running"), this.programs!);
    return (performance.now() - before) / 1000;
  }

  private record(step: number): void {
    const start = Math.floor((step - 1) / this.interval) * this.interval;
    this.observations.record(step, step - start, this.programs!);
  }

  /** Writes the checkpoint; where that fails, the training goes on and says so. */
  private async save(): Promise<void> {
    if (!this.checkpoint) return;
    try {
      await this.programs!.fetch();
      await this.checkpoint.save(this.current, trainingState(this.observations, this.programs!));
    } catch (error) {
      this.notes.add(`no checkpoint was written: ${String(error)}`);
    }
  }

  /** Of what the engine has, the parameters stay, which were fetched before. */
  private conclude(): void {
    const { step } = this.current;
    const stopped = this.stopReason !== undefined;
    if (step % this.interval !== 0 && step < this.setup.steps) this.record(step);
    this.programs!.keepOnly(parameterInputs);
    this.observations.set(this.observations.where("running"), stopped ? "stopped" : "finished");
    const diverged = this.observations.where("diverged").length;
    if (diverged > 0) this.notes.add(`${diverged} of ${this.members} members diverged`);
    this.end(stopped ? "stopped" : "finished", [this.stopReason ?? [], ...this.notes].flat().join("; "));
  }

  private end(state: Progress["state"], message: string): void {
    this.update({ state, ...(message !== "" && { message }) });
  }

  private update(change: Partial<Progress>): void {
    this.current = { ...this.current, ...change };
    for (const listener of this.listeners) {
      try {
        listener();
      } catch (error) {
        this.listeners.delete(listener);
        this.notes.add(`a listener failed: ${String(error)}`);
      }
    }
  }

  /**
   * Whether to go on. The user's signal stops the run, and so does an interrupt of the cell that runs now, which need not
   * be the one that started it.
   */
  private goesOn(): boolean {
    if (this.setup.signal?.aborted || this.interrupts.interrupted) this.stop("interrupted");
    return this.stopReason === undefined;
  }
}

const parameterInput = (path: string) => `parameters ${path}`;

/** Names of a program's parameters, without the optimizer's state: nobody but a checkpoint reads that. */
const parameterInputs = ({ parameters }: TrainingPrograms<unknown>): string[] =>
  leavesOf(parameters).map(({ path }) => parameterInput(path));
