import { checkLeaves, type Hierarchy, type SplitWeight, type WeightedHierarchy } from "./hierarchy.js";

/** Clusters that are not joined yet. */
export interface Forest {
  readonly clusters: readonly number[];
  readonly trees: readonly Hierarchy[];
  /** Of all joins so far. */
  readonly logWeight: number;
}

/** Each leaf by itself. */
export const leavesApart = (leaves: number): Forest => ({
  clusters: Array.from({ length: leaves }, (_, leaf) => 1 << leaf),
  trees: Array.from({ length: leaves }, (_, leaf) => leaf),
  logWeight: 0,
});

/** The forest with two of its clusters joined. */
export function join({ clusters, trees, logWeight }: Forest, i: number, j: number, gain: number): Forest {
  const others = <T>(list: readonly T[]) => list.filter((_, place) => place !== i && place !== j);
  return {
    clusters: [...others(clusters), clusters[i]! | clusters[j]!],
    trees: [...others(trees), [trees[i]!, trees[j]!]],
    logWeight: logWeight + gain,
  };
}

/** All pairs of clusters of a forest, with the weight of joining them. */
export function joins({ clusters }: Forest, weight: SplitWeight): { i: number; j: number; gain: number }[] {
  return clusters.flatMap((first, i) =>
    clusters.slice(i + 1).map((second, k) => ({ i, j: i + 1 + k, gain: weight(first, second) })),
  );
}

/**
 * A good hierarchy from the leaves upwards: at each step the `width` best forests are kept. Width 1 is greedy agglomerative
 * clustering, which joins the two clusters of the largest weight.
 *
 * Throws a RangeError for fewer than 2 leaves or more than 30, and a width that is not a positive integer.
 */
export function beamSearch(
  leaves: number,
  weight: SplitWeight,
  { width = 1 }: { width?: number } = {},
): WeightedHierarchy {
  checkLeaves("beamSearch", leaves);
  if (!Number.isInteger(width) || width < 1) throw new RangeError(`beamSearch takes a positive width, got ${width}.`);
  let beam = [leavesApart(leaves)];
  for (let step = 1; step < leaves; step++) {
    const next = beam.flatMap((forest) =>
      joins(forest, weight).map(({ i, j, gain }) => ({ forest, i, j, gain, logWeight: forest.logWeight + gain })),
    );
    next.sort((a, b) => b.logWeight - a.logWeight);
    const kept = new Map<string, Forest>();
    for (const { forest, i, j, gain } of next) {
      if (kept.size === width) break;
      const joined = join(forest, i, j, gain);
      // Different orders of the same joins lead to one forest.
      const name = [joined.logWeight.toPrecision(12), ...[...joined.clusters].sort((a, b) => a - b)].join();
      if (!kept.has(name)) kept.set(name, joined);
    }
    beam = [...kept.values()];
  }
  return { tree: beam[0]!.trees[0]!, logWeight: beam[0]!.logWeight };
}
