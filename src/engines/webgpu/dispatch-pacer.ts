/** Length of a dispatch: far from what operating systems kill (2 s on Windows), and from what freezes a desktop. */
const TARGET_SECONDS = 0.1;

/** Chooses how many steps the next dispatch takes, from how long the last one took. */
export class DispatchPacer {
  private next = 1;

  get steps(): number {
    return this.next;
  }

  measured(steps: number, seconds: number): void {
    const ideal = (TARGET_SECONDS * steps) / Math.max(seconds, 1e-6);
    this.next = Math.max(1, Math.floor(Math.min(ideal, 4 * steps)));
  }
}
