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
    // From 1.6 on two: that is the border at which both one step and two take between 50 and 100 ms.
    this.next = Math.max(1, Math.floor(Math.min(ideal + 0.4, 4 * steps)));
  }
}
