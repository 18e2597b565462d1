import type { Engine, LoadedProgram } from "../engines/index.js";
import { type Grid, MemberArray, type MemberColumn } from "../ensemble/index.js";
import { hyperparameterColumns } from "../ensemble/member-columns.js";
import { writeHyperparameters } from "../ensemble/member-inputs.js";
import { notebookHost } from "../notebook-host.js";
import { MEMBER_STATES, type MemberState, type Progress } from "../protocol.js";
import type { DIAGNOSTICS } from "./chain-program.js";
import { type ChainPrograms, recordedName } from "./chain-program.js";
import type { Observables } from "./sample.js";

export interface ChainSetup<H extends string> {
  readonly program: ChainPrograms;
  readonly chains: Grid<H>;
  readonly draws: number;
  readonly warmup: number;
  /** Draws of one call. */
  readonly block: number;
  readonly engine: Engine;
  readonly signal: AbortSignal | undefined;
}

/** Markov chains on their way: watch them, stop them, read their draws. Everything stays readable after they have ended. */
export class ChainRun<H extends string, O extends Observables> {
  /** Unique across sessions: saved figures hold it. */
  readonly id: string = crypto.randomUUID();
  readonly grid: Grid<H>;
  /**
   * Draws by name: shape [chains, draws, ...observable], NaN where not drawn yet; those of the sampler itself are `accepted`
   * (0, 1, or a share with `thin`) and `energyError`.
   */
  readonly observables: { readonly [name in keyof O | (typeof DIAGNOSTICS)[number]]: MemberArray };
  /** Hyperparameters first, then the acceptance rate. Values change in place. */
  readonly columns: readonly MemberColumn[];
  /** Indices into MEMBER_STATES, shape [members]. */
  readonly states: Uint8Array;
  /** Resolves when all draws are done or the run was stopped; rejects when it could not be carried out. */
  readonly finished: Promise<this>;

  private current: Progress;
  private stopReason: string | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly acceptance: Float64Array;

  constructor(private readonly setup: ChainSetup<H>) {
    const { chains, program, draws } = setup;
    this.grid = chains;
    this.states = new Uint8Array(chains.count);
    const arrays = program.recorded.map(({ name, shape }) => {
      const size = shape.reduce((product, length) => product * length, chains.count * draws);
      return [name, new MemberArray([chains.count, draws, ...shape], new Float64Array(size).fill(NaN))] as const;
    });
    this.observables = Object.fromEntries(arrays) as ChainRun<H, O>["observables"];
    this.acceptance = new Float64Array(chains.count).fill(NaN);
    const rate = { name: "acceptanceRate", role: "metric", scale: "linear", values: this.acceptance } as const;
    this.columns = [...hyperparameterColumns(chains), rate];
    this.current = { state: "waiting", step: 0, steps: draws, elapsedSeconds: 0 };
    this.finished = this.execute();
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
    let program: LoadedProgram | undefined;
    try {
      program = await this.start();
      await this.advance(program);
    } catch (error) {
      this.update({ state: "failed", message: error instanceof Error ? error.message : String(error) });
      throw error;
    } finally {
      program?.dispose();
    }
    return this;
  }

  private async start(): Promise<LoadedProgram> {
    const { program, chains, engine } = this.setup;
    const loaded = await engine.load(program.step, { members: chains.count });
    const start = await engine.load(program.start, { members: chains.count });
    const all = Array.from({ length: chains.count }, (_, chain) => chain);
    writeHyperparameters(loaded, program.step.inputs, chains, all);
    writeHyperparameters(start, program.start.inputs, chains, all);
    const { failures } = await start.run(1);
    if (failures[0]) throw new Error(`Chain ${failures[0].member} could not be initialised: ${failures[0].reason}`);
    for (const chain of all) for (const name of program.stateNames) loaded.write(name, start.read(name, chain), chain);
    start.dispose();
    return loaded;
  }

  private async advance(program: LoadedProgram): Promise<void> {
    const { draws, warmup, block } = this.setup;
    this.setStates("waiting", "running");
    this.update({ state: "running" });
    for (let done = 0; done < warmup + draws && this.goesOn(); done += block) {
      const running = Array.from(this.states.keys()).filter((chain) => this.state(chain) === "running");
      const before = performance.now();
      const { failures } = await program.run(1, running);
      for (const { member } of failures) this.states[member] = MEMBER_STATES.indexOf("failed");
      for (const chain of running) if (this.state(chain) === "running") this.record(program, chain, done - warmup);
      const seconds = (performance.now() - before) / 1000;
      this.update({
        step: Math.min(draws, Math.max(0, done + block - warmup)),
        elapsedSeconds: this.current.elapsedSeconds + seconds,
        throughput: (running.length * block) / seconds,
      });
    }
    const state = this.stopReason === undefined ? "finished" : "stopped";
    this.setStates("running", state);
    this.update({ state, ...(this.stopReason !== undefined && { message: this.stopReason }) });
  }

  /** Keeps a block of draws of which the first has number `from`; those below 0 are warm-up. */
  private record(program: LoadedProgram, chain: number, from: number): void {
    const { draws, block } = this.setup;
    const skipped = Math.max(0, -from);
    const end = Math.min(block, draws - from);
    if (end <= skipped) return;
    for (const [name, array] of Object.entries<MemberArray>(this.observables)) {
      const values = program.read(recordedName(name), chain);
      const size = values.length / block;
      array.of(chain).set(values.subarray(skipped * size, end * size), (from + skipped) * size);
    }
    const accepted = this.observables.accepted.of(chain).subarray(0, from + end);
    this.acceptance[chain] = accepted.reduce((sum, share) => sum + share, 0) / accepted.length;
  }

  private setStates(from: MemberState, to: MemberState): void {
    for (const chain of this.states.keys()) {
      if (this.state(chain) === from) this.states[chain] = MEMBER_STATES.indexOf(to);
    }
  }

  private update(change: Partial<Progress>): void {
    this.current = { ...this.current, ...change };
    for (const listener of this.listeners) listener();
  }

  private goesOn(): boolean {
    if (this.setup.signal?.aborted || notebookHost()?.interruptSignal.aborted) this.stop("interrupted");
    return this.stopReason === undefined;
  }
}
