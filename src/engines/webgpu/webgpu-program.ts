import type { WgslProgram } from "../../compile/wgsl-program.js";
import { notebookHost } from "../../notebook-host.js";
import { sizeOf } from "../../tensor/shape.js";
import type { LoadedProgram, RunReport } from "../engine.js";
import { onlyOnce } from "../only-once.js";
import type { SlotArray } from "../slot-access.js";
import type { Device } from "./device.js";
import { DispatchPacer } from "./dispatch-pacer.js";
import { all, Flights } from "./flights.js";
import { HostCopy } from "./host-copy.js";
import { IN_FLIGHT, LoadedShader } from "./loaded-shader.js";

/** Elements of states that are small enough to be read back after each run. */
const SMALL = 8;
/** Time between two copies of all states, and how many times as long as copying it is at least. */
const SNAPSHOT_SECONDS = 2;
const SNAPSHOT_SHARE = 50;

/** What was done with a program since the copy of its states: done again after the loss of a device. */
export type JournalEntry =
  | { readonly kind: "run"; readonly steps: number; readonly members: readonly number[] }
  | {
      readonly kind: "write";
      readonly input: string;
      readonly values: ArrayLike<number>;
      readonly member: number | undefined;
    };

/**
 * A program on the GPU. Outputs and small states are copied back after each run, others when asked for. All states are
 * now and then: when a device is lost, everything since then is computed again on a new one.
 */
export class WebgpuProgram implements LoadedProgram {
  private readonly host: HostCopy;
  private readonly small: readonly string[];
  private readonly pacer = new DispatchPacer();
  /** When the next copy of all states is due; undefined before the first run. */
  private snapshotDue: number | undefined;
  private journal: JournalEntry[] = [];
  private dispatched = 0;
  private seconds = 0;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private shader: LoadedShader,
    readonly members: number,
    /** A device in place of one that was lost. */
    private readonly reopen: (lost: Device) => Promise<Device>,
  ) {
    const { program } = shader;
    this.host = new HostCopy(program, members);
    const { stateNames } = this.host;
    const scalars = stateNames.filter((name) => sizeOf(program.inputs.get(name)!.shape) <= SMALL);
    this.small = [...program.outputs.keys(), ...scalars];
  }

  get bytesPerMember(): number {
    return this.program.memberBytes;
  }

  get flopsPerStep(): number {
    return this.program.flopsPerStep;
  }

  /** Dispatches so far: each advances some members by some steps. */
  get dispatches(): number {
    return this.dispatched;
  }

  /** How long they took by the GPU's clock, all together. */
  get dispatchSeconds(): number {
    return this.seconds;
  }

  /** What the compiler made of the program. */
  get program(): WgslProgram {
    return this.shader.program;
  }

  write(input: string, values: ArrayLike<number>, member?: number): void {
    this.host.write(input, values, member);
    if (this.snapshotDue !== undefined)
      this.journal.push({ kind: "write", input, values: Float64Array.from(values), member });
  }

  read(name: string, member?: number): SlotArray {
    return this.view(name, member).slice();
  }

  view(name: string, member?: number): SlotArray {
    this.checkKnown(name, member);
    return this.host.view(name, member);
  }

  readAll(name: string): SlotArray | undefined {
    this.checkKnown(name);
    return this.host.readAll(name);
  }

  fetch(names: readonly string[] = this.host.stateNames): Promise<void> {
    return this.inTurn(() => this.recovering(() => this.host.download(this.shader, names)));
  }

  run(
    steps: number,
    members: readonly number[] = Array.from({ length: this.members }, (_, i) => i),
  ): Promise<RunReport> {
    return this.runWhile(steps, members, () => undefined);
  }

  runWhile(steps: number, members: readonly number[], meanwhile: () => void): Promise<RunReport> {
    return this.inTurn(async () => {
      if (this.snapshotDue === undefined) this.mark(0);
      const once = onlyOnce(meanwhile);
      await this.recovering(() => this.advanceAndRead(steps, members, once), once);
      this.journal.push({ kind: "run", steps, members });
      if (performance.now() > this.snapshotDue!) await this.recovering(() => this.takeSnapshot());
      return { failures: [] };
    });
  }

  /** Goes back to the last copy of all states, which can be read then; returns what was done since. */
  rewind(): readonly JournalEntry[] {
    this.host.rewind();
    const { journal } = this;
    this.journal = [];
    return journal;
  }

  /** After what is under way. */
  dispose(): void {
    void this.inTurn(() => {
      this.shader.dispose();
      return Promise.resolve();
    });
  }

  private checkKnown(name: string, member?: number): void {
    if (this.host.isKnown(name, member)) return;
    throw new Error(`The values of "${name}" are on the GPU: await fetch(["${name}"]) before they are read.`);
  }

  /** One after the other, in the order of the calls. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.turn.then(work);
    this.turn = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Does some work; where the device is lost, once more on a new one that has computed all there was. `before` is called before
   * values here change where it fails.
   */
  private async recovering(work: () => Promise<void>, before: () => void = () => undefined): Promise<void> {
    try {
      await work();
    } catch (error) {
      before();
      if (!this.shader.device.isLost) throw error;
      const device = await this.reopen(this.shader.device);
      this.shader = await LoadedShader.load(device, this.program, this.members);
      await this.replay();
      await work();
    }
  }

  private async replay(): Promise<void> {
    const journal = this.rewind();
    for (const entry of journal) {
      if (entry.kind === "write") this.host.write(entry.input, entry.values, entry.member);
      else await (await this.advance(entry.steps, entry.members)).landed();
    }
    this.journal = [...journal];
  }

  /** The copies of outputs and small states wait on the device behind the last dispatch, not here for its end. */
  private async advanceAndRead(steps: number, members: readonly number[], meanwhile: () => void): Promise<void> {
    const flights = await this.advance(steps, members, { signal: notebookHost()?.interruptSignal, meanwhile });
    meanwhile();
    await all([flights.landed(), this.host.download(this.shader, this.small)]);
  }

  /** Dispatches steps of members, of which the last may still be on their way; `meanwhile` is called when the first is. */
  private async advance(
    steps: number,
    members: readonly number[],
    { signal, meanwhile }: { signal?: AbortSignal | undefined; meanwhile?: () => void } = {},
  ): Promise<Flights> {
    const { shader, host, pacer } = this;
    const flights = new Flights(IN_FLIGHT);
    signal?.throwIfAborted();
    await host.upload(shader);
    const begin = onlyOnce(() => {
      try {
        meanwhile?.();
      } finally {
        host.age();
      }
    });
    for (const [number, page] of shader.pages.entries()) {
      const own = members.filter((member) => member >= page.first && member < page.first + page.members);
      for (let from = 0; from < own.length; from += shader.groupSize) {
        const group = own.slice(from, from + shader.groupSize);
        for (let done = 0; done < steps;) {
          const count = Math.min(pacer.steps, steps - done);
          this.dispatched++;
          const begun = flights.begin(async () => this.note(count, await shader.dispatch(number, group, count)));
          begin();
          await begun;
          done += count;
          if (signal?.aborted) await this.stopAfter(flights, signal);
        }
      }
    }
    return flights;
  }

  private note(steps: number, seconds: number): void {
    this.pacer.measured(steps, seconds);
    this.seconds += seconds;
  }

  /** Some members have been advanced then, others not: what there is now is what counts. */
  private async stopAfter(flights: Flights, signal: AbortSignal): Promise<void> {
    await flights.landed();
    await this.takeSnapshot();
    signal.throwIfAborted();
  }

  private async takeSnapshot(): Promise<void> {
    const before = performance.now();
    await this.host.download(this.shader);
    this.mark(performance.now() - before);
    this.journal = [];
  }

  /** What the host has now is what is gone back to; `costMs`: what it took to have it. */
  private mark(costMs: number): void {
    this.host.mark();
    this.snapshotDue = performance.now() + Math.max(1000 * SNAPSHOT_SECONDS, SNAPSHOT_SHARE * costMs);
  }
}
