/** What {@link ContextPool} needs to know of charts. */
export interface HoldsContexts {
  /** WebGL contexts that it holds now. */
  readonly contexts: number;
  /** Gives all of them back. */
  freeze(): Promise<void>;
}

let available: boolean | undefined;

/** Whether this browser draws with WebGL, asked once. */
export function hasWebGL(): boolean {
  if (available === undefined) {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("webgl2") ?? canvas.getContext("webgl");
    available = context !== null;
    context?.getExtension("WEBGL_lose_context")?.loseContext();
  }
  return available;
}

/**
 * Chromium and Firefox take the oldest context away when a page makes its seventeenth. Some are left for what else the page
 * holds, and for those that a chart takes in addition while it becomes an image.
 */
const MOST_CONTEXTS = 10;

/** Keeps as many charts live as a page has WebGL contexts for, those that were used last. */
export class ContextPool {
  /** The one used last at the end. */
  readonly #holders = new Set<HoldsContexts>();
  /** One after the other, however fast a page is scrolled: several at a time would take too many contexts together. */
  #work: Promise<void> = Promise.resolve();

  /** Does something with contexts when all that was asked for before is done. */
  run(work: () => Promise<void>): void {
    this.#work = this.#work.then(work);
  }

  /** To be called before a chart takes contexts, and after: those that have rested longest give theirs back until there are enough. */
  async use(holder: HoldsContexts): Promise<void> {
    this.#holders.delete(holder);
    for (const other of [...this.#holders]) {
      const total = [...this.#holders].reduce((sum, { contexts }) => sum + contexts, holder.contexts);
      if (total + (holder.contexts ? 0 : 1) <= MOST_CONTEXTS) break;
      this.#holders.delete(other);
      await other.freeze();
    }
    this.#holders.add(holder);
  }

  leave(holder: HoldsContexts): void {
    this.#holders.delete(holder);
  }
}
