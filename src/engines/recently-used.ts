/** Things that are made once and kept; those that were asked for least recently go first. */
export class RecentlyUsed<T> {
  private readonly kept = new Map<string, T>();

  /** `most`: how many are kept. */
  constructor(private readonly most: number) {}

  /** What is kept under a key, or is made now. */
  get(key: string, make: () => T): T {
    const found = this.kept.has(key) ? this.kept.get(key)! : make();
    this.kept.delete(key);
    this.kept.set(key, found);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= this.most) break;
      this.kept.delete(oldest);
    }
    return found;
  }

  drop(key: string): void {
    this.kept.delete(key);
  }
}
