/**
 * Keeps printed text under the rate at which Jupyter's server throws away whatever a kernel sends (by default 1 MB/s over
 * 3 s, the end of the output and its error included). What is too much is left out in the middle, never at the end.
 */

const WINDOW_MS = 3000;
/** Characters in a window; JSON and non-ASCII text make up to half as many bytes again. */
const WINDOW_CHARACTERS = 2_000_000;
const TAIL_CHARACTERS = 200_000;

export class OutputGuard {
  readonly #limit: number;
  #windowEnd = 0;
  #passed = 0;
  #held = "";
  #omitted = 0;

  /** @param limit Characters that pass in 3 s; Infinity for no guard. */
  constructor(limit = WINDOW_CHARACTERS) {
    this.#limit = limit;
  }

  get isHolding(): boolean {
    return this.#held !== "";
  }

  /** What may be sent of the text now; the rest is held back. */
  take(text: string, now = performance.now()): string {
    let released = "";
    if (now > this.#windowEnd) {
      this.#windowEnd = now + WINDOW_MS;
      this.#passed = 0;
      released = this.release();
    }
    if (this.#held === "" && this.#passed + text.length <= this.#limit) {
      this.#passed += text.length;
      return released + text;
    }
    const all = this.#held + text;
    this.#held = all.slice(-TAIL_CHARACTERS);
    this.#omitted += all.length - this.#held.length;
    return released;
  }

  /** The end of what was held back, after a note that tells how much is missing. */
  release(): string {
    const note = this.#omitted > 0 ? `\n[… ${this.#omitted} characters were printed too fast to be shown …]\n` : "";
    const text = note + this.#held;
    this.#held = "";
    this.#omitted = 0;
    this.#passed += text.length;
    return text;
  }
}

/** The limit of the environment variable `PHASEBOOK_OUTPUT_LIMIT`, in characters in 3 s; 0 means no guard. */
export function outputLimit({ PHASEBOOK_OUTPUT_LIMIT: own }: NodeJS.ProcessEnv): number {
  const limit = Number(own ?? WINDOW_CHARACTERS);
  return limit > 0 ? limit : Infinity;
}
