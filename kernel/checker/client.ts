/** The checker as the front process uses it. */
import type { CheckerRequests, RecordedCell, RequestType } from "./messages.js";
import { CheckerThread } from "./thread.js";

/**
 * Two threads, because TypeScript does one thing at a time and a check may take a second: the user's questions must not
 * wait for it.
 */
export class Checker {
  readonly #cells: RecordedCell[] = [];
  readonly #questions: CheckerThread;
  readonly #checks: CheckerThread;

  constructor(folder: string, packageRoot: string) {
    this.#questions = new CheckerThread({ folder, packageRoot, background: false }, this.#cells);
    this.#checks = new CheckerThread({ folder, packageRoot, background: true }, this.#cells);
  }

  get isLoaded(): boolean {
    return this.#questions.isLoaded || this.#checks.isLoaded;
  }

  /** Makes the names of a cell known to later ones. */
  record(cell: RecordedCell): void {
    this.#cells.push(cell);
  }

  /** Has the threads stand still at what nobody waits for. */
  pause(): void {
    this.#questions.paused = this.#checks.paused = true;
  }

  resume(): void {
    this.#questions.paused = this.#checks.paused = false;
  }

  /** @param options.patient Whether nobody waits for the answer, so that it may come after a pause. */
  ask<Type extends RequestType>(
    type: Type,
    request: CheckerRequests[Type]["request"],
    { patient = false } = {},
  ): Promise<CheckerRequests[Type]["reply"]> {
    return (type === "check" ? this.#checks : this.#questions).ask(type, request, patient);
  }

  /** Loads what the user's first question needs, which takes more than a second. */
  async prepareForQuestions(): Promise<void> {
    if (this.#questions.isLoaded) return;
    await this.ask("complete", { source: "", offset: 0 }, { patient: true }).catch(() => undefined);
  }

  /** Forgets all cells: the evaluator that knew them is gone. */
  reset(): void {
    this.#cells.length = 0;
    this.stop();
  }

  /** Ends the threads; the next request starts another that knows the same cells. */
  stop(): void {
    this.#questions.stop();
    this.#checks.stop();
  }
}
