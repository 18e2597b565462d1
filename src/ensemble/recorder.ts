/** Curves of all members: for each metric the mean over every recording interval. */
export class Recorder {
  /** Step at the end of each interval, shape `[points]`; NaN where not reached. */
  readonly steps: Float64Array;
  /** Values by metric, shape `[members, points]` in row-major order, NaN where not recorded. */
  readonly curves: ReadonlyMap<string, Float32Array>;

  constructor(
    metrics: readonly string[],
    readonly members: number,
    readonly points: number,
  ) {
    this.steps = new Float64Array(points).fill(NaN);
    this.curves = new Map(metrics.map((name) => [name, new Float32Array(members * points).fill(NaN)]));
  }

  /** Number of points that are recorded. */
  get filled(): number {
    const end = this.steps.findIndex(Number.isNaN);
    return end < 0 ? this.points : end;
  }

  /** Adds a point to every curve; `value(metric, member)` is asked once for each. */
  record(step: number, members: readonly number[], value: (metric: string, member: number) => number): void {
    const at = this.filled;
    this.steps[at] = step;
    for (const [metric, curve] of this.curves) {
      for (const member of members) curve[member * this.points + at] = value(metric, member);
    }
  }
}
