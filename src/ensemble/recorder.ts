/** Curves of all members: for each metric the mean over every recording interval. */
export class Recorder {
  /** Step at the end of each interval, shape `[points]`; NaN where not reached. */
  readonly steps: Float64Array;
  private readonly curves: ReadonlyMap<string, Float32Array>;
  private filled = 0;

  constructor(
    metrics: readonly string[],
    readonly members: number,
    readonly points: number,
  ) {
    this.steps = new Float64Array(points).fill(NaN);
    this.curves = new Map(metrics.map((name) => [name, new Float32Array(members * points).fill(NaN)]));
  }

  /** Adds a point to every curve; `value(metric, member)` is asked once for each. */
  record(step: number, members: readonly number[], value: (metric: string, member: number) => number): void {
    const at = this.filled++;
    this.steps[at] = step;
    for (const [metric, curve] of this.curves) {
      for (const member of members) curve[member * this.points + at] = value(metric, member);
    }
  }

  /** All members' curves of a metric, shape `[members, points]` in row-major order, NaN where not recorded. */
  curve(metric: string): { steps: Float64Array; values: Float32Array } | undefined {
    const values = this.curves.get(metric);
    return values && { steps: this.steps, values };
  }

  /** A member's last finite or diverged value; NaN before the first. */
  last(metric: string, member: number): number {
    const curve = this.curves.get(metric);
    return curve && this.filled > 0 ? curve[member * this.points + this.filled - 1]! : NaN;
  }
}
