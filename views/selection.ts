/** Chosen members in the order of choosing, with undo and redo. */
export class SelectionHistory {
  #past: number[][] = [];
  #future: number[][] = [];
  #members: number[];

  constructor(members: readonly number[] = []) {
    this.#members = [...members];
  }

  get members(): readonly number[] {
    return this.#members;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /** Chooses `members`; answers whether that changed anything. */
  choose(members: readonly number[]): boolean {
    const chosen = [...new Set(members)];
    if (sameMembers(chosen, this.#members)) return false;
    this.#past.push(this.#members);
    this.#future = [];
    this.#members = chosen;
    return true;
  }

  undo(): boolean {
    return this.#step(this.#past, this.#future);
  }

  redo(): boolean {
    return this.#step(this.#future, this.#past);
  }

  #step(from: number[][], to: number[][]): boolean {
    const members = from.pop();
    if (!members) return false;
    to.push(this.#members);
    this.#members = members;
    return true;
  }
}

export const sameMembers = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((member, index) => member === b[index]);
