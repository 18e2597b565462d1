import { fromColumns, type Grid, withColumns } from "./grid.js";
import { type Box, gridBoxes, keyOf, labelsIn, type Site, sitesOfSplit, splitBox } from "./lattice-boxes.js";
import { type PhaseBoundary, Refinement } from "./refinement.js";
import type { TrainingRun } from "./training-run.js";

/** What tells phases apart. */
export type Label = string | number;

export interface RefineOptions<P, H extends string, S extends H> {
  /** The hyperparameters that span the phase diagram: one to three. All others are repeated at every point. */
  readonly over: readonly H[];
  /** The phase of each member of a finished run. A point's phase is the most frequent one of its members. */
  readonly by: (run: TrainingRun<P, H, S>) => ArrayLike<Label> | Promise<ArrayLike<Label>>;
  /** How often the spacing of points is halved; default 3. */
  readonly levels?: number;
  /** Most members that are added; default Infinity. */
  readonly budget?: number;
  /** Called before each further training. */
  readonly onRun?: (run: TrainingRun<P, H, S>) => void;
}

/**
 * Finds the boundaries between phases with fewer runs than a full grid: boxes between neighbouring points are halved
 * where phases differ in them, again and again, and the new points are trained like those of `run`. Phases that lie
 * wholly between points of one other phase are not seen.
 *
 * Throws a RangeError when the run's members are no full grid over the hyperparameters of `over`.
 * @example
 * const run = train({
 *   members: grid({ rate: logspace(0.1, 8, 5), curvature: logspace(0.1, 8, 5) }),
 *   init: () => scalar(1),
 *   loss: (x, { curvature }) => x.square().mul(curvature),
 *   optimizer: ({ rate }) => sgd({ learningRate: rate }),
 *   steps: 50,
 * });
 * const falls = ({ columns }) => Array.from(columns.at(-1).values, (loss) => (loss < 0.1 ? "converges" : "diverges"));
 * const refined = await refine(run, { over: ["rate", "curvature"], by: falls, levels: 2 });
 * refined.boundaries; // boxes around the line rate · curvature = 1
 */
export async function refine<P, H extends string, S extends H = never>(
  run: TrainingRun<P, H, S>,
  { over, by, levels = 3, budget = Infinity, onRun }: RefineOptions<P, H, S>,
): Promise<Refinement> {
  if (!Number.isInteger(levels) || levels < 1)
    throw new RangeError(`refine: levels is a positive integer, got ${levels}.`);
  if (!(budget >= 0)) throw new RangeError(`refine: the budget is not negative, got ${budget}.`);
  await run.finished;
  const lattice = new PointLattice(run, over, 2 ** levels);
  const [runs, labels] = [[run], [await labelsOf(run, by)]];
  const phases = lattice.phases(run.grid, labels[0]!);
  let leaves = gridBoxes(lattice.counts, 2 ** levels);
  let left = budget;
  for (;;) {
    const { split, sites } = chooseSplits(leaves, phases, Math.floor(left / lattice.membersPerPoint));
    if (split.size === 0) break;
    leaves = leaves.flatMap((box) => (split.has(box) ? splitBox(box) : [box]));
    if (sites.length === 0) continue;
    const next = run.again(lattice.membersAt(sites));
    onRun?.(next);
    await next.finished;
    runs.push(next);
    labels.push(await labelsOf(next, by));
    for (const [key, phase] of lattice.phases(next.grid, labels.at(-1)!)) phases.set(key, phase);
    left -= next.members;
    if (next.progress.state === "stopped") break;
  }
  const mixed = leaves.filter((box) => labelsIn(box, phases).size > 1);
  const boundaries = mixed.map((box) => lattice.boundary(box, [...labelsIn(box, phases)]));
  return new Refinement(
    runs,
    labels,
    boundaries,
    mixed.every(({ side }) => side === 1),
  );
}

async function labelsOf<P, H extends string, S extends H>(
  run: TrainingRun<P, H, S>,
  by: RefineOptions<P, H, S>["by"],
): Promise<Label[]> {
  const labels = Array.from(await by(run));
  if (labels.length === run.members) return labels;
  throw new RangeError(`refine: by gave ${labels.length} phases for ${run.members} members; it gives one for each.`);
}

/** Boxes to halve, the largest first, as long as there is room for their new points. */
function chooseSplits(leaves: readonly Box[], phases: ReadonlyMap<string, Label>, room: number) {
  const mixed = leaves.filter((box) => box.side > 1 && labelsIn(box, phases).size > 1);
  const split = new Set<Box>();
  const sites = new Map<string, Site>();
  for (const box of mixed.sort((a, b) => b.side - a.side)) {
    const fresh = sitesOfSplit(box).filter((site) => !phases.has(keyOf(site)) && !sites.has(keyOf(site)));
    if (sites.size + fresh.length > room) continue;
    split.add(box);
    for (const site of fresh) sites.set(keyOf(site), site);
  }
  return { split, sites: [...sites.values()] };
}

/** The points that a refinement may visit: those of the grid, `spacing` apart, and steps between them. */
class PointLattice<H extends string> {
  /** Number of the grid's values along each axis. */
  readonly counts: readonly number[];
  private readonly axes: readonly { readonly name: H; readonly values: readonly number[]; readonly log: boolean }[];
  /** Members at every point, by their other hyperparameters. */
  private readonly others: readonly Readonly<Record<string, number>>[];
  private readonly names: readonly H[];
  private readonly texts: Grid<H>["columns"];

  constructor(
    { grid, columns }: Pick<TrainingRun<unknown, H, H>, "grid" | "columns">,
    over: readonly H[],
    private readonly spacing: number,
  ) {
    const unknown = over.find((name) => !grid.names.includes(name));
    if (unknown !== undefined || over.length < 1 || over.length > 3) {
      throw new RangeError(
        `refine: over takes one to three of ${grid.names.join(", ")}, got ${over.join(", ") || "none"}.`,
      );
    }
    this.names = grid.names;
    this.texts = grid.columns;
    this.axes = over.map((name) => {
      const values = [...new Set(grid.values[name])].sort((a, b) => a - b);
      return { name, values, log: columns.find((column) => column.name === name)?.scale === "log" };
    });
    this.counts = this.axes.map(({ values }) => values.length);
    const rest = grid.names.filter((name) => !over.includes(name));
    const rows = Array.from({ length: grid.count }, (_, m) =>
      rest.map((name) => [name, grid.values[name][m]!] as const),
    );
    this.others = [...new Map(rows.map((row) => [row.join(), Object.fromEntries(row)])).values()];
    const points = this.counts.reduce((product, count) => product * count, 1);
    if (points * this.others.length !== grid.count || this.counts.some((count) => count < 2)) {
      throw new RangeError(
        `refine: the members are no full grid over ${over.join(", ")}: ${grid.count} members instead of ` +
          `${this.counts.join(" × ")} points with ${this.others.length} each (two or more values along every axis).`,
      );
    }
  }

  get membersPerPoint(): number {
    return this.others.length;
  }

  /** The most frequent label at every point of a grid, by site; of equally frequent ones the first. */
  phases(grid: Grid<H>, labels: readonly Label[]): Map<string, Label> {
    const votes = new Map<string, Map<Label, number>>();
    labels.forEach((label, member) => {
      const key = keyOf(this.axes.map(({ name }, axis) => this.siteOf(axis, grid.values[name][member]!)));
      const counts = votes.get(key) ?? new Map<Label, number>();
      votes.set(key, counts.set(label, (counts.get(label) ?? 0) + 1));
    });
    return new Map(
      [...votes].map(([key, counts]) => [
        key,
        [...counts].reduce((best, vote) => (vote[1] > best[1] ? vote : best))[0],
      ]),
    );
  }

  /** New members: at each site one for each combination of the other hyperparameters. */
  membersAt(sites: readonly Site[]): Grid<H> {
    const each = this.others.length;
    const made = fromColumns(this.names, sites.length * each, (name) => {
      const axis = this.axes.findIndex((candidate) => candidate.name === name);
      if (axis < 0) return (member) => this.others[member % each]![name]!;
      return (member) => this.valueAt(axis, sites[Math.floor(member / each)]![axis]!);
    });
    return withColumns("refine", made, this.texts);
  }

  /** A box in the hyperparameters' own units. */
  boundary({ corner, side }: Box, phases: readonly Label[]): PhaseBoundary {
    const at = (offset: number) =>
      Object.fromEntries(this.axes.map(({ name }, axis) => [name, this.valueAt(axis, corner[axis]! + offset)]));
    return { low: at(0), high: at(side), phases };
  }

  private valueAt(axis: number, place: number): number {
    const { values, log } = this.axes[axis]!;
    const below = values[Math.floor(place / this.spacing)]!;
    const share = (place % this.spacing) / this.spacing;
    if (share === 0) return below;
    const above = values[Math.floor(place / this.spacing) + 1]!;
    return log ? below * (above / below) ** share : below + (above - below) * share;
  }

  private siteOf(axis: number, value: number): number {
    const { values, log } = this.axes[axis]!;
    const at = Math.max(
      0,
      values.findLastIndex((candidate) => candidate <= value),
    );
    const [below, above] = [values[at]!, values[at + 1]];
    if (value === below || above === undefined) return at * this.spacing;
    const share = log ? Math.log(value / below) / Math.log(above / below) : (value - below) / (above - below);
    return at * this.spacing + Math.round(share * this.spacing);
  }
}
