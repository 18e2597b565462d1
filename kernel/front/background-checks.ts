import type { RecordedCell, TypeProblem } from "../checker/messages.js";
import type { Header } from "../wire/message.js";
import type { Messenger } from "./messenger.js";
import { displayProblems, type TypeCheck } from "./type-check.js";

/** A pause between cells of this length, or a cell that runs for so long, leaves room for checking, in milliseconds. */
const PAUSE_MS = 100;
const LONG_RUN_MS = 500;

/** Checks cells when there is time: while cells follow each other quickly, the checker must not take theirs. */
export class BackgroundChecks {
  readonly #typeCheck: TypeCheck;
  readonly #messenger: Messenger;
  readonly #pending: { cell: RecordedCell; header: Header }[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Whether the processors are left to cells for now. */
  #paused = false;
  #draining = false;

  constructor(typeCheck: TypeCheck, messenger: Messenger) {
    this.#typeCheck = typeCheck;
    this.#messenger = messenger;
  }

  /** Has the cell checked after its run or, if that is long, beside it; type errors are shown as an output of the cell. */
  add(cell: RecordedCell, header: Header, run: Promise<unknown>): void {
    if (this.#typeCheck.mode === "off") return;
    this.#pending.push({ cell, header });
    this.#pause(LONG_RUN_MS);
    // A check that goes on beside a long run goes on after it.
    void run.then(() => this.#paused && this.#pause(PAUSE_MS));
  }

  /**
   * Has the cell checked beside its run; resolves when that is done and type errors are shown. For clients that run one
   * cell after the other: they give a cell the outputs that come before its end, and no others.
   */
  async checkBeside(cell: RecordedCell, header: Header, run: Promise<unknown>): Promise<void> {
    const [problems] = await Promise.all([this.#typeCheck.check(cell), run]);
    this.#show(cell, header, problems);
  }

  #show(cell: RecordedCell, header: Header, problems: TypeProblem[]): void {
    if (problems.length > 0) this.#messenger.publish("display_data", header, displayProblems(cell, problems));
  }

  /** Leaves the processors to cells for a while. */
  #pause(duration: number): void {
    this.#paused = true;
    this.#typeCheck.pause();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#resume(), duration).unref();
  }

  #resume(): void {
    this.#paused = false;
    this.#typeCheck.resume();
    void this.#drain();
  }

  async #drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const { cell, header } = next;
      this.#show(cell, header, await this.#typeCheck.check(cell, { patient: true }));
    }
    this.#draining = false;
    if (!this.#paused) this.#typeCheck.prepareForQuestions();
  }

  /** A check begun in a pause would load the checker meanwhile. */
  #next(): { cell: RecordedCell; header: Header } | undefined {
    return this.#paused ? undefined : this.#pending.shift();
  }
}
