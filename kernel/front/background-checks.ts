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
  #draining = false;

  constructor(typeCheck: TypeCheck, messenger: Messenger) {
    this.#typeCheck = typeCheck;
    this.#messenger = messenger;
  }

  /** Has the cell checked after its run or, if that is long, beside it; type errors are shown as an output of the cell. */
  add(cell: RecordedCell, header: Header, run: Promise<unknown>): void {
    if (this.#typeCheck.mode === "off") return;
    this.#pending.push({ cell, header });
    this.#schedule(LONG_RUN_MS);
    void run.then(() => this.#schedule(PAUSE_MS));
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

  #schedule(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#drain(), delay).unref();
  }

  async #drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
      const { cell, header } = next;
      this.#show(cell, header, await this.#typeCheck.check(cell));
    }
    this.#draining = false;
    this.#typeCheck.prepareForQuestions();
  }
}
