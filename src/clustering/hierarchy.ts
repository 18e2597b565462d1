/** A hierarchy over leaves 0, 1, 2, …: a leaf, or two hierarchies that share none. */
export type Hierarchy = number | readonly [Hierarchy, Hierarchy];

/**
 * Logarithm of the weight of splitting a cluster in two, which are sets of leaves as bits: leaf i is the bit 1 << i. Both
 * orders of the two have the same weight; −Infinity forbids the split. A hierarchy's weight is the product over its splits.
 */
export type SplitWeight = (left: number, right: number) => number;

/** A hierarchy with the logarithm of its weight. */
export interface WeightedHierarchy {
  readonly tree: Hierarchy;
  readonly logWeight: number;
}

/** Leaves of a cluster at most: clusters are the bits of an integer of 32. */
const MOST_LEAVES = 30;

/** Throws a RangeError unless `leaves` is an integer from 2 to `most`. */
export function checkLeaves(caller: string, leaves: number, most = MOST_LEAVES): void {
  if (Number.isInteger(leaves) && leaves >= 2 && leaves <= most) return;
  throw new RangeError(`${caller} takes from 2 to ${most} leaves, got ${leaves}.`);
}

/** The leaves of a hierarchy, as bits. */
export const clusterOf = (tree: Hierarchy): number =>
  typeof tree === "number" ? 1 << tree : clusterOf(tree[0]) | clusterOf(tree[1]);

/** The clusters of two or more leaves, as bits, in ascending order: they tell a hierarchy from all others. */
export function clustersOf(tree: Hierarchy): number[] {
  const clusters: number[] = [];
  const visit = (part: Hierarchy): number => {
    if (typeof part === "number") return 1 << part;
    const cluster = visit(part[0]) | visit(part[1]);
    clusters.push(cluster);
    return cluster;
  };
  visit(tree);
  return clusters.sort((a, b) => a - b);
}

/** The logarithm of a hierarchy's weight: the sum over its splits. */
export function logWeightOf(tree: Hierarchy, weight: SplitWeight): number {
  let total = 0;
  const visit = (part: Hierarchy): number => {
    if (typeof part === "number") return 1 << part;
    const [left, right] = [visit(part[0]), visit(part[1])];
    total += weight(left, right);
    return left | right;
  };
  visit(tree);
  return total;
}

/** How many hierarchies over `leaves` there are: (2N − 3)!! = 1 · 3 · 5 … (2N − 3). */
export function hierarchyCount(leaves: number): number {
  if (!Number.isInteger(leaves) || leaves < 1)
    throw new RangeError(`hierarchyCount takes a positive number of leaves, got ${leaves}.`);
  let count = 1;
  for (let factor = 3; factor <= 2 * leaves - 3; factor += 2) count *= factor;
  return count;
}

/** All hierarchies over `leaves`, one after the other: each new leaf is joined to every part of those before. */
export function* allHierarchies(leaves: number): Generator<Hierarchy, void, void> {
  checkLeaves("allHierarchies", leaves, 12);
  if (leaves === 2) return yield [0, 1];
  for (const tree of allHierarchies(leaves - 1)) yield* joined(tree, leaves - 1);
}

/** The hierarchies that a leaf can be joined to `tree` in. */
function* joined(tree: Hierarchy, leaf: number): Generator<Hierarchy, void, void> {
  yield [tree, leaf];
  if (typeof tree === "number") return;
  for (const left of joined(tree[0], leaf)) yield [left, tree[1]];
  for (const right of joined(tree[1], leaf)) yield [tree[0], right];
}
