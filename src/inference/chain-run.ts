import type { Engine } from "../engines/index.js";
import { onlyOnce } from "../engines/only-once.js";
import type { CheckpointOptions, Grid, MemberArray, MemberColumn } from "../ensemble/index.js";
import { hyperparameterColumns } from "../ensemble/member-columns.js";
import { MemberPrograms, type ProgramGroup } from "../ensemble/member-programs.js";
import type { RunCheckpoint, RunState } from "../ensemble/run-checkpoint.js";
import { InterruptWatch } from "../notebook-host.js";
import { MEMBER_STATES, type MemberState, type Progress } from "../protocol.js";
import { chainCheckpoint, chainState } from "./chain-checkpoint.js";
import type { DIAGNOSTICS } from "./chain-program.js";
import { type ChainPrograms, recordedName } from "./chain-program.js";
import { DrawStore } from "./draw-store.js";
import { type DrawBatch, drawBatches } from "./draw-stream.js";
import type { Observables } from "./sample.js";

export interface ChainSetup<H extends string> {
  readonly groups: readonly ProgramGroup<ChainPrograms>[];
  readonly chains: Grid<H>;
  readonly draws: number;
  readonly warmup: number;
  /** Draws of one call. */
  readonly block: number;
  readonly engine: Engine;
  readonly signal: AbortSignal | undefined;
  readonly checkpoint: CheckpointOptions | undefined;
}

type RecordedName<O extends Observables> = (keyof O & string) | (typeof DIAGNOSTICS)[number];

/** Markov chains on their way: watch them, stop them, read their draws. Everything stays readable after they have ended. */
export class ChainRun<H extends string, O extends Observables> {
  /** Unique across sessions: saved figures hold it. */
  readonly id: string = crypto.randomUUID();
  readonly grid: Grid<H>;
  /** Hyperparameters first, then the acceptance rate. Values change in place. */
  readonly columns: readonly MemberColumn[];
  /** Indices into MEMBER_STATES, shape [members]. */
  readonly states: Uint8Array;
  /** Resolves when all draws are done or the run was stopped; rejects when it could not be carried out. */
  readonly finished: Promise<this>;

  private current: Progress;
  /** Draws that are done and kept, warm-up included. */
  private done = 0;
  /** When the last of them were kept, on the clock of `performance`. */
  private keptAt = 0;
  private readonly store: DrawStore<RecordedName<O>>;
  private stopReason: string | undefined;
  private readonly interrupts = new InterruptWatch();
  private readonly checkpoint: RunCheckpoint | undefined;
  private readonly notes = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private readonly acceptance: Float64Array;
  /** Of what each chain accepted so far. */
  private readonly acceptanceSums: Float64Array;

  constructor(private readonly setup: ChainSetup<H>) {
    const { chains, groups, draws, checkpoint } = setup;
    this.grid = chains;
    this.states = new Uint8Array(chains.count);
    this.store = new DrawStore(groups[0]!.programs.recorded, chains.count, draws);
    this.acceptance = new Float64Array(chains.count).fill(NaN);
    this.acceptanceSums = new Float64Array(chains.count);
    const rate = { name: "acceptanceRate", role: "metric", scale: "linear", values: this.acceptance } as const;
    this.columns = [...hyperparameterColumns(chains), rate];
    this.checkpoint = checkpoint && chainCheckpoint(checkpoint, setup);
    this.current = { state: "waiting", step: 0, steps: draws, elapsedSeconds: 0 };
    this.finished = this.execute();
  }

  /**
   * Draws by name: shape [chains, draws, ...observable], NaN where not drawn yet; those of the sampler itself are `accepted`
   * (0, 1, or a share with `thin`) and `energyError`.
   */
  get observables(): { readonly [name in RecordedName<O>]: MemberArray } {
    return this.store.arrays;
  }

  /** Which engine computes, on what, and in which precision. */
  get engine(): { readonly name: string; readonly description: string; readonly precision: string } {
    const { name, description, precision } = this.setup.engine;
    return { name, description, precision };
  }

  /** Number of chains. */
  get members(): number {
    return this.grid.count;
  }

  /** Steps are recorded draws; throughput counts draws, warm-up included. */
  get progress(): Progress {
    return this.current;
  }

  /** Share of proposals that each chain accepted, shape [chains]. */
  get acceptanceRate(): Float64Array {
    return this.acceptance;
  }

  state(chain: number): MemberState {
    return MEMBER_STATES[this.states[chain]!]!;
  }

  /** Stops after the present block of draws; what was drawn stays. */
  stop(reason = "stopped"): void {
    this.stopReason ??= reason;
  }

  /** Calls `listener` after every block of draws; the answer ends that. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * All draws from the start, as they are made: `for await (const { first, observables } of run.batches())`. The chains
   * never wait: a slow consumer finds more draws in its next batch. Throws at the end when the run failed.
   */
  batches(): AsyncGenerator<DrawBatch, void, void> {
    return drawBatches(this);
  }

  /**
   * Hands every batch of draws to a consumer, the next one when the answer to the last has resolved. Resolves when the run
   * has ended and the consumer has had all; rejects with its error, which the chains do not feel.
   */
  async stream(consumer: (batch: DrawBatch) => void | Promise<void>): Promise<void> {
    for await (const batch of this.batches()) await consumer(batch);
  }

  /** The draws of a scalar observable, as curves: steps [draws] and values [chains, draws]. */
  curve(name: string): { steps: Float64Array; values: Float64Array } | undefined {
    const array = (this.observables as Record<string, MemberArray | undefined>)[name];
    if (array?.shape.length !== 2) return undefined;
    return { steps: Float64Array.from({ length: this.setup.draws }, (_, i) => i + 1), values: array.data };
  }

  /** How Node, and a notebook, shows a run. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    const { state, step, steps, message } = this.current;
    return `${this.members} chains on ${this.setup.engine.name}, ${state} at draw ${step} of ${steps}${message ? ` (${message})` : ""}`;
  }

  private async execute(): Promise<this> {
    let programs: MemberPrograms<ChainPrograms> | undefined;
    try {
      programs = await this.start();
      await this.advance(programs);
      await this.save(programs);
      this.conclude();
    } catch (error) {
      this.update({ state: "failed", message: error instanceof Error ? error.message : String(error) });
      throw error;
    } finally {
      programs?.dispose();
    }
    return this;
  }

  /** Loads the programs and gives every chain its first state, or that of the checkpoint. */
  private async start(): Promise<MemberPrograms<ChainPrograms>> {
    const { groups, chains, engine } = this.setup;
    const programs = await MemberPrograms.load(groups, chains, {}, engine);
    const saved = await this.checkpoint?.restore(this.stateOf(programs));
    if (saved) {
      this.done = saved.step;
      const { accepted } = this.observables;
      for (const chain of this.states.keys())
        this.acceptanceSums[chain] = sumOf(accepted.of(chain).subarray(0, this.recorded));
      this.update({ step: this.recorded, elapsedSeconds: saved.elapsedSeconds });
    } else {
      await programs.initialize(chains, engine);
      this.setStates("waiting", "running");
    }
    return programs;
  }

  /** Keeps the draws of each block while the next is computed, where that is elsewhere. */
  private async advance(programs: MemberPrograms<ChainPrograms>): Promise<void> {
    const { draws, warmup, block } = this.setup;
    this.update({ state: "running" });
    this.keptAt = performance.now();
    let keep = (): void => undefined;
    for (let begun = this.done; begun < warmup + draws && this.goesOn(); begun += block) {
      const running = this.chainsIn("running");
      const { failures } = await programs.run(1, running, keep);
      for (const { member } of failures) this.states[member] = MEMBER_STATES.indexOf("failed");
      keep = onlyOnce(() => this.keep(programs, running));
      const isDue = this.checkpoint?.due === true;
      if (isDue || !programs.computesElsewhere) keep();
      if (!isDue) continue;
      await this.save(programs);
      this.keptAt = performance.now();
    }
    keep();
  }

  /** Keeps the block that was computed last. */
  private keep(programs: MemberPrograms<ChainPrograms>, running: readonly number[]): void {
    const { block } = this.setup;
    const chains = running.filter((chain) => this.state(chain) === "running");
    this.record(programs, chains);
    const now = performance.now();
    const seconds = (now - this.keptAt) / 1000;
    this.keptAt = now;
    this.done += block;
    this.update({
      step: this.recorded,
      elapsedSeconds: this.current.elapsedSeconds + seconds,
      throughput: (running.length * block) / seconds,
    });
  }

  /** Draws that are kept, of those that are done. */
  private get recorded(): number {
    const { draws, warmup } = this.setup;
    return Math.min(draws, Math.max(0, this.done - warmup));
  }

  private stateOf(programs: MemberPrograms<ChainPrograms>): RunState {
    return chainState(this.states, this.acceptance, this.observables, programs);
  }

  /** Writes the checkpoint; where that fails, the chains go on and say so. */
  private async save(programs: MemberPrograms<ChainPrograms>): Promise<void> {
    const { elapsedSeconds } = this.current;
    try {
      if (!this.checkpoint) return;
      await programs.fetch();
      await this.checkpoint.save({ step: this.done, elapsedSeconds }, this.stateOf(programs));
    } catch (error) {
      this.notes.add(`no checkpoint was written: ${String(error)}`);
    }
  }

  private conclude(): void {
    const state = this.stopReason === undefined ? "finished" : "stopped";
    this.setStates("running", state);
    const message = [this.stopReason ?? [], ...this.notes].flat().join("; ");
    this.update({ state, ...(message !== "" && { message }) });
  }

  /** Keeps the draws of a block, but for those that are warm-up. */
  private record(programs: MemberPrograms<ChainPrograms>, chains: readonly number[]): void {
    const { draws, warmup, block } = this.setup;
    const from = this.done - warmup;
    const first = Math.max(0, -from);
    const end = Math.min(block, draws - from);
    if (end <= first) return;
    this.store.add({ length: block, first, end, at: from + first, chains }, programs);
    for (const chain of chains) {
      const accepted = programs.view(recordedName("accepted"), chain).subarray(first, end);
      const sum = sumOf(accepted, this.acceptanceSums[chain]);
      this.acceptanceSums[chain] = sum;
      this.acceptance[chain] = sum / (from + end);
    }
  }

  private chainsIn(state: MemberState): number[] {
    return Array.from(this.states.keys()).filter((chain) => this.state(chain) === state);
  }

  private setStates(from: MemberState, to: MemberState): void {
    for (const chain of this.chainsIn(from)) this.states[chain] = MEMBER_STATES.indexOf(to);
  }

  private update(change: Partial<Progress>): void {
    this.current = { ...this.current, ...change };
    for (const listener of this.listeners) listener();
  }

  private goesOn(): boolean {
    if (this.setup.signal?.aborted || this.interrupts.interrupted) this.stop("interrupted");
    return this.stopReason === undefined;
  }
}

/** A sum that goes on from that of earlier values, in a tenth of the time that `reduce` takes. */
function sumOf(values: ArrayLike<number>, sum = 0): number {
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}
