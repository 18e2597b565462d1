/** How long an interrupted cell may take to end, in milliseconds, until another interrupt gives it up. */
const PATIENCE_MS = 1000;

/**
 * The user's interrupts of one execution. Whether it is stuck in native code is judged by its end and this process's own
 * clock: whatever is stuck cannot tell, and reports about earlier interrupts may come at any time.
 */
export class Interruption {
  readonly #giveUp: () => void;
  #first: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param giveUp Called once, when the user has interrupted the execution again and it has not ended in time. */
  constructor(giveUp: () => void) {
    this.#giveUp = giveUp;
  }

  /** Notes an interrupt. */
  add(): void {
    const now = performance.now();
    if (this.#first === undefined) this.#first = now;
    else this.#timer ??= setTimeout(this.#giveUp, Math.max(0, this.#first + PATIENCE_MS - now));
  }

  /** Notes that the execution has ended. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
