import type { Selection } from "../src/protocol.js";

/** Called with what is chosen now, and with who chose it. */
export type ChoiceListener = (choice: Choice, origin: unknown) => void;

/** What is chosen: members in the order of choosing, and points of their latent spaces. */
export interface Choice {
  readonly members: readonly number[];
  readonly points: readonly number[];
}

/** What is chosen of one ensemble, with undo and redo; every view and figure that shows the ensemble can share it. */
export class SelectionHistory {
  #past: Choice[] = [];
  #future: Choice[] = [];
  #choice: Choice;
  readonly #listeners = new Set<ChoiceListener>();

  constructor({ members, points = [] }: Partial<Choice> = {}) {
    this.#choice = { members: distinct(members ?? []), points: distinct(points) };
  }

  get members(): readonly number[] {
    return this.#choice.members;
  }

  get points(): readonly number[] {
    return this.#choice.points;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** Whether nothing is chosen and nothing ever was. */
  get pristine(): boolean {
    return !this.canUndo && !this.canRedo && this.members.length === 0 && this.points.length === 0;
  }

  /**
   * Chooses members, points or both; what is left out stays.
   * @param origin who asks; handed on to listeners, so that it need not be told what it knows
   * @param amend whether this goes on with the last choice, so that one undo takes back both
   * @returns whether that changed anything
   */
  choose({ members, points }: Partial<Choice>, origin?: unknown, amend = false): boolean {
    const chosen = {
      members: members ? distinct(members) : this.members,
      points: points ? distinct(points) : this.points,
    };
    if (same(chosen.members, this.members) && same(chosen.points, this.points)) return false;
    if (!amend) this.#past.push(this.#choice);
    this.#future = [];
    this.#set(chosen, origin);
    return true;
  }

  undo(origin?: unknown): boolean {
    return this.#step(this.#past, this.#future, origin);
  }

  redo(origin?: unknown): boolean {
    return this.#step(this.#future, this.#past, origin);
  }

  /** Calls `listener` after every change; the answer ends that. */
  subscribe(listener: ChoiceListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** As it travels. */
  toSelection(): Selection {
    const members = [...this.members];
    return this.points.length > 0 ? { members, points: [...this.points] } : { members };
  }

  #step(from: Choice[], to: Choice[], origin: unknown): boolean {
    const choice = from.pop();
    if (!choice) return false;
    to.push(this.#choice);
    this.#set(choice, origin);
    return true;
  }

  #set(choice: Choice, origin: unknown): void {
    this.#choice = choice;
    for (const listener of [...this.#listeners]) listener(choice, origin);
  }
}

const distinct = (values: readonly number[]): readonly number[] => [...new Set(values)];

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, index) => value === b[index]);
