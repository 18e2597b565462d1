/**
 * A gate in memory that two threads share: while one has shut it, the other stands still where it next comes by, and
 * leaves its processor to whoever computes. Priorities alone do not: outside Linux they are those of whole processes.
 */
export class Gate {
  readonly #shut: Int32Array;

  /** @param memory Of the gate that the other thread has. */
  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.#shut = new Int32Array(memory);
  }

  shut(): void {
    Atomics.store(this.#shut, 0, 1);
  }

  open(): void {
    Atomics.store(this.#shut, 0, 0);
    Atomics.notify(this.#shut, 0);
  }

  /** Comes by: returns at once, or when the gate has been opened. */
  pass(): void {
    while (Atomics.load(this.#shut, 0) === 1) Atomics.wait(this.#shut, 0, 1);
  }
}
