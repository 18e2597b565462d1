import { type Forest, join, joins, leavesApart } from "./beam-search.js";
import { checkLeaves, type SplitWeight, type WeightedHierarchy } from "./hierarchy.js";

export interface TreeSearchOptions {
  /** Hierarchies that are tried; default 200. */
  readonly iterations?: number;
  /** How much more seldom-tried joins are worth, where results lie between 0 and 1; default 0.5. */
  readonly exploration?: number;
  /** Independent uniform numbers from 0 to below 1. */
  readonly random: () => number;
}

interface Node {
  readonly forest: Forest;
  /** Joins that were not tried yet, the best last. */
  readonly untried: { i: number; j: number; gain: number }[];
  readonly children: Node[];
  visits: number;
  /** Sum of the logarithms of the weights of all hierarchies tried below. */
  total: number;
}

/**
 * A good hierarchy by Monte Carlo tree search over joins from the leaves upwards (arXiv:2011.08191, without its neural
 * network): each iteration follows the joins that did well, tries a new one, and completes the forest by joins drawn in
 * proportion to their weights. The first iteration is greedy, so that the result is never worse.
 *
 * Throws a RangeError for fewer than 2 leaves or more than 30.
 */
export function monteCarloTreeSearch(
  leaves: number,
  weight: SplitWeight,
  { iterations = 200, exploration = 0.5, random }: TreeSearchOptions,
): WeightedHierarchy {
  checkLeaves("monteCarloTreeSearch", leaves);
  const root = nodeOf(leavesApart(leaves), weight);
  let best = complete(root.forest, weight, () => 0);
  const possible = best.logWeight > -Infinity;
  const range = possible ? { low: best.logWeight, high: best.logWeight } : { low: Infinity, high: -Infinity };
  for (let i = 0; i < iterations; i++) {
    const path = descend(root, weight, exploration, range);
    const end = complete(path.at(-1)!.forest, weight, random);
    if (end.logWeight > best.logWeight) best = end;
    if (end.logWeight === -Infinity) continue; // a dead end: no information but that
    range.low = Math.min(range.low, end.logWeight);
    range.high = Math.max(range.high, end.logWeight);
    for (const node of path) {
      node.visits++;
      node.total += end.logWeight;
    }
  }
  return { tree: best.trees[0]!, logWeight: best.logWeight };
}

function nodeOf(forest: Forest, weight: SplitWeight): Node {
  const untried = joins(forest, weight).sort((a, b) => a.gain - b.gain);
  return { forest, untried, children: [], visits: 0, total: 0 };
}

/** From the root along the most promising joins, to a new node, or to a whole hierarchy. */
function descend(root: Node, weight: SplitWeight, exploration: number, range: { low: number; high: number }): Node[] {
  const path = [root];
  for (;;) {
    const node = path.at(-1)!;
    const next = node.untried.pop();
    if (next) {
      const child = nodeOf(join(node.forest, next.i, next.j, next.gain), weight);
      node.children.push(child);
      return [...path, child];
    }
    if (node.children.length === 0) return path;
    const spread = Math.max(range.high - range.low, Number.MIN_VALUE);
    const worth = ({ visits, total }: Node) =>
      visits === 0
        ? -Infinity
        : (total / visits - range.low) / spread + exploration * Math.sqrt(Math.log(node.visits + 1) / visits);
    path.push(node.children.reduce((a, b) => (worth(b) > worth(a) ? b : a)));
  }
}

/** Joins drawn in proportion to their weights until one tree is left; with a `random` of 0, always the best. */
function complete(forest: Forest, weight: SplitWeight, random: () => number): Forest {
  while (forest.clusters.length > 1) {
    const open = joins(forest, weight).sort((a, b) => b.gain - a.gain);
    const shares = open.map(({ gain }) => Math.exp(gain - open[0]!.gain));
    let left = random() * shares.reduce((a, b) => a + b);
    const chosen = open.find((_, place) => (left -= shares[place]!) < 0) ?? open[0]!;
    forest = join(forest, chosen.i, chosen.j, chosen.gain);
  }
  return forest;
}
