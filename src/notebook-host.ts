import { NOTEBOOK_HOST, type NotebookHost } from "./protocol.js";

/** The notebook that this code runs in, if it runs in one. */
export function notebookHost(): NotebookHost | undefined {
  return (globalThis as { [NOTEBOOK_HOST]?: NotebookHost })[NOTEBOOK_HOST];
}

/** Looks out for interrupts of cells on behalf of work that may outlive the cell which started it. */
export class InterruptWatch {
  #signal = notebookHost()?.interruptSignal;

  /**
   * Whether the cell that runs now was interrupted, or the one that ran at the last look: an interrupt may end a cell before
   * its work hears of it.
   */
  get interrupted(): boolean {
    const last = this.#signal;
    this.#signal = notebookHost()?.interruptSignal;
    return (last?.aborted ?? false) || (this.#signal?.aborted ?? false);
  }
}
