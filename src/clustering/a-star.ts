import { checkLeaves, type Hierarchy, type SplitWeight, type WeightedHierarchy } from "./hierarchy.js";

/** The best hierarchy, and what it took to find it. */
export interface AStarResult extends WeightedHierarchy {
  /** Clusters whose splits were looked at; the trellis looks at all 2ᴺ − N − 1. */
  readonly expanded: number;
  /** Splits whose weight was evaluated. */
  readonly splits: number;
}

interface Split {
  readonly left: Node;
  readonly right: Node;
  readonly logWeight: number;
  /** An upper bound of the best hierarchy that begins with this split, as of when it was last computed. */
  bound: number;
}

interface Node {
  readonly cluster: number;
  /** An upper bound of the logarithm of the largest weight of a hierarchy of this cluster; the maximum itself where `exact`. */
  bound: number;
  exact: boolean;
  /** Where the splits have been looked at, the most promising one first. */
  splits: Split[] | undefined;
}

/**
 * The hierarchy of the largest weight, by a search that looks only at splits that could be part of it (A*, arXiv:2104.07061):
 * from the whole set downwards, always on in the hierarchy that the bounds promise most of. The tighter the bound, the less
 * it looks at; with one that is not a bound the result may be any hierarchy.
 *
 * Throws a RangeError for fewer than 2 or more than 20 leaves, and when no hierarchy has a positive weight.
 * @param bound of each cluster of two or more leaves, an upper bound of the logarithm of its hierarchies' weights
 */
export function aStarHierarchy(leaves: number, weight: SplitWeight, bound: (cluster: number) => number): AStarResult {
  checkLeaves("aStarHierarchy", leaves, 20);
  const nodes = new Map<number, Node>();
  const counts = { expanded: 0, splits: 0 };
  const nodeOf = (cluster: number): Node => {
    const known = nodes.get(cluster);
    if (known) return known;
    const leaf = (cluster & (cluster - 1)) === 0;
    const node: Node = { cluster, bound: leaf ? 0 : bound(cluster), exact: leaf, splits: undefined };
    nodes.set(cluster, node);
    return node;
  };
  const expand = (node: Node): Split[] => {
    const splits: Split[] = [];
    const others = node.cluster & (node.cluster - 1);
    for (let part = others; part > 0; part = (part - 1) & others) {
      const [left, right] = [nodeOf(node.cluster ^ part), nodeOf(part)];
      const logWeight = weight(left.cluster, right.cluster);
      splits.push({ left, right, logWeight, bound: logWeight + left.bound + right.bound });
    }
    counts.expanded++;
    counts.splits += splits.length;
    return splits.sort((a, b) => b.bound - a.bound);
  };
  const root = nodeOf(2 ** leaves - 1);
  while (!root.exact) improve(root, expand);
  if (root.bound === -Infinity) throw new RangeError("No hierarchy has a positive weight, so none is the best.");
  return { tree: bestOf(root), logWeight: root.bound, ...counts };
}

/** One pass down the hierarchy that the bounds promise most of: what is not known yet is looked at, bounds become tighter. */
function improve(node: Node, expand: (node: Node) => Split[]): void {
  if (node.exact) return;
  if (node.splits) {
    const [first] = node.splits;
    improve(first!.left, expand);
    improve(first!.right, expand);
  } else {
    node.splits = expand(node);
  }
  const best = settleFirst(node.splits);
  node.bound = Math.min(node.bound, best.bound);
  node.exact = (best.left.exact && best.right.exact) || best.bound === -Infinity;
}

/** Brings the first split's bound up to date and moves it where it belongs, until the first one is up to date. */
function settleFirst(splits: Split[]): Split {
  for (;;) {
    const first = splits[0]!;
    const bound = first.logWeight + first.left.bound + first.right.bound;
    if (bound === first.bound) return first;
    first.bound = bound;
    let place = 0;
    while (place + 1 < splits.length && splits[place + 1]!.bound > bound) {
      splits[place] = splits[place + 1]!;
      place++;
    }
    splits[place] = first;
  }
}

function bestOf({ cluster, splits }: Node): Hierarchy {
  if (!splits) return 31 - Math.clz32(cluster);
  return [bestOf(splits[0]!.left), bestOf(splits[0]!.right)];
}
