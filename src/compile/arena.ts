/** First-fit allocation of ranges that are given back after their last use. */
export class Arena {
  size = 0;
  private taken: { start: number; end: number; lastUse: number }[] = [];

  /** Frees what no kernel from number `now` on reads. */
  release(now: number): void {
    this.taken = this.taken.filter(({ lastUse }) => lastUse >= now);
  }

  take(bytes: number, lastUse: number): number {
    let start = 0;
    let index = 0;
    for (; index < this.taken.length && this.taken[index]!.start < start + bytes; index++) {
      start = Math.max(start, this.taken[index]!.end);
    }
    this.taken.splice(index, 0, { start, end: start + bytes, lastUse });
    this.size = Math.max(this.size, start + bytes);
    return start;
  }
}
