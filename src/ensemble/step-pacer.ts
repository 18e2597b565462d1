/** Seconds between two looks at a running ensemble: short enough to watch and to stop it, long against a call's cost. */
const TARGET_SECONDS = 0.08;

/** Chooses how many steps the next call of the engine takes, from how long the last one took. */
export class StepPacer {
  private next = 1;

  get steps(): number {
    return this.next;
  }

  measured(steps: number, seconds: number): void {
    const ideal = (TARGET_SECONDS * steps) / Math.max(seconds, 1e-6);
    this.next = Math.max(1, Math.floor(Math.min(ideal, 4 * steps)));
  }
}
