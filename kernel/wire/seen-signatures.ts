/** At least so many of the latest signatures are remembered, and at most twice as many. */
const REMEMBERED = 1 << 15;

/** Signatures of the messages that were accepted: who records one and sends it again must not run its code again. */
export class SeenSignatures {
  readonly #remembered: number;
  #latest = new Set<string>();
  #earlier = new Set<string>();

  constructor(remembered = REMEMBERED) {
    this.#remembered = remembered;
  }

  /** Notes a signature; false if it was seen before. */
  add(signature: string): boolean {
    if (this.#latest.has(signature) || this.#earlier.has(signature)) return false;
    if (this.#latest.size >= this.#remembered) {
      this.#earlier = this.#latest;
      this.#latest = new Set();
    }
    this.#latest.add(signature);
    return true;
  }
}
