import type { FigureSource } from "./source.js";

/** Called with the chosen members, the last of which is the one in detail. */
export type SelectionListener = (members: readonly number[]) => void;

/** The members chosen of one ensemble, shared by all its figures. */
export class SharedSelection {
  #members: readonly number[] = [];
  readonly #listeners = new Set<(members: readonly number[], origin: unknown) => void>();

  get members(): readonly number[] {
    return this.#members;
  }

  /**
   * Chooses members and tells all listeners if that changes anything.
   * @param origin who asks; handed on, so that it need not be told what it knows
   */
  choose(members: readonly number[], origin?: unknown): void {
    const chosen = [...new Set(members)];
    if (chosen.length === this.#members.length && chosen.every((member, i) => member === this.#members[i])) return;
    this.#members = chosen;
    for (const listener of [...this.#listeners]) listener(chosen, origin);
  }

  subscribe(listener: (members: readonly number[], origin: unknown) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

const selections = new WeakMap<FigureSource, SharedSelection>();

/** The selection that all figures of this source share. */
export function selectionOf(source: FigureSource): SharedSelection {
  let selection = selections.get(source);
  if (!selection) selections.set(source, (selection = new SharedSelection()));
  return selection;
}
