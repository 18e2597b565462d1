/** Sums and maxima over hierarchies against looking at every one of them. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  allHierarchies,
  aStarHierarchy,
  beamSearch,
  clusterOf,
  clustersOf,
  type Hierarchy,
  HierarchicalTrellis,
  hierarchyCount,
  logWeightOf,
  monteCarloTreeSearch,
  type SplitWeight,
} from "../../src/clustering/index.js";
import { uniformStream } from "../../src/stats/index.js";
import { assertClose } from "../support/close.js";

/** Weights between −4 and 0 without any order in them, the same for both orders of the parts. */
const disorder =
  (seed: number): SplitWeight =>
  (left, right) =>
    -2 + 2 * Math.sin(seed + 12.9898 * (left + right) + 78.233 * left * right);

/** The same, with every split of a cluster with leaves 0 and 1 forbidden that does not keep them together. */
const withPair: SplitWeight = (left, right) =>
  [left, right].some((part) => part === 1 && right + left !== 3) ||
  [left, right].some((part) => part === 2 && left + right !== 3)
    ? -Infinity
    : disorder(1)(left, right);

const nameOf = (tree: Hierarchy) => clustersOf(tree).join();

function bruteForce(leaves: number, weight: SplitWeight) {
  const trees = [...allHierarchies(leaves)];
  const weights = trees.map((tree) => logWeightOf(tree, weight));
  const largest = Math.max(...weights);
  const logPartition = largest + Math.log(weights.reduce((sum, w) => sum + Math.exp(w - largest), 0));
  return { trees, weights, largest, logPartition, best: trees[weights.indexOf(largest)]! };
}

test("there are (2N − 3)!! hierarchies, all different", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 9].map(hierarchyCount), [1, 1, 3, 15, 105, 2027025]);
  for (let leaves = 2; leaves <= 7; leaves++) {
    const names = [...allHierarchies(leaves)].map(nameOf);
    assert.equal(names.length, hierarchyCount(leaves));
    assert.equal(new Set(names).size, names.length);
  }
});

test("clusters are the sets of leaves below each split", () => {
  const tree: Hierarchy = [
    [0, 2],
    [1, 3],
  ];
  assert.deepEqual(clustersOf(tree), [0b0101, 0b1010, 0b1111]);
  assert.equal(clusterOf([2, 1]), 0b0110);
});

suite("trellis", () => {
  test("without weights it counts", () => {
    for (const leaves of [2, 5, 9, 12]) {
      assertClose([new HierarchicalTrellis(leaves, () => 0).logPartition], [Math.log(hierarchyCount(leaves))], {
        relative: 1e-13,
      });
    }
  });

  for (const [name, weight] of [
    ["disorder", disorder(1)],
    ["more disorder", disorder(5)],
    ["forbidden splits", withPair],
  ] as const) {
    test(`partition function, maximum and probabilities of up to 7 leaves: ${name}`, () => {
      for (let leaves = 2; leaves <= 7; leaves++) {
        const exact = bruteForce(leaves, weight);
        const trellis = new HierarchicalTrellis(leaves, weight);
        assertClose([trellis.logPartition, trellis.maximum.logWeight], [exact.logPartition, exact.largest], {
          absolute: 1e-11,
        });
        assert.equal(nameOf(trellis.maximum.tree), nameOf(exact.best));
        const total = exact.trees.reduce<number>((sum, tree) => sum + Math.exp(trellis.logProbability(tree)), 0);
        assertClose([total], [1], { absolute: 1e-11 });
      }
    });
  }

  test("draws come with their probabilities", () => {
    const [leaves, count] = [4, 6000];
    const trellis = new HierarchicalTrellis(leaves, disorder(3));
    const random = uniformStream(8);
    const drawn = new Map<string, number>();
    for (let i = 0; i < count; i++) {
      const name = nameOf(trellis.sample(random));
      drawn.set(name, (drawn.get(name) ?? 0) + 1);
    }
    for (const tree of allHierarchies(leaves)) {
      const p = Math.exp(trellis.logProbability(tree));
      const error = Math.sqrt((p * (1 - p)) / count);
      assertClose([(drawn.get(nameOf(tree)) ?? 0) / count], [p], { absolute: 4.5 * error }, nameOf(tree));
    }
  });

  test("forbidden hierarchies are never drawn, and nothing is drawn of nothing", () => {
    const trellis = new HierarchicalTrellis(5, withPair);
    const random = uniformStream(2);
    for (let i = 0; i < 300; i++) assert.ok(clustersOf(trellis.sample(random)).includes(0b11));
    const impossible = new HierarchicalTrellis(3, () => -Infinity);
    assert.equal(impossible.logPartition, -Infinity);
    assert.throws(() => impossible.sample(random), /No hierarchy has a positive weight/);
    assert.throws(() => impossible.maximum, /No hierarchy has a positive weight/);
  });

  test("what it cannot take is refused", () => {
    assert.throws(() => new HierarchicalTrellis(1, () => 0), /from 2 to 20 leaves, got 1/);
    assert.throws(() => new HierarchicalTrellis(21, () => 0), /from 2 to 20 leaves, got 21/);
    assert.throws(() => new HierarchicalTrellis(3, () => NaN), /The weight of splitting 1 and 2 is not a number/);
  });
});

suite("searches", () => {
  const loose = (cluster: number) => 0.1 * cluster.toString(2).replaceAll("0", "").length; // weights are at most 0

  test("A* finds the maximum of the trellis with any bound, and looks at less with a tight one", () => {
    for (const seed of [1, 2, 3]) {
      for (const leaves of [2, 3, 6, 9]) {
        const weight = disorder(seed);
        const { tree, logWeight } = new HierarchicalTrellis(leaves, weight).maximum;
        const found = aStarHierarchy(leaves, weight, loose);
        assertClose([found.logWeight, logWeightOf(found.tree, weight)], [logWeight, logWeight], { absolute: 1e-12 });
        assert.equal(nameOf(found.tree), nameOf(tree));
        assert.ok(found.expanded <= 2 ** leaves - leaves - 1);
        const known = new Map<number, number>();
        const maxima = (cluster: number): number => {
          if (!known.has(cluster)) known.set(cluster, bestOfCluster(cluster, weight, maxima));
          return known.get(cluster)!;
        };
        const tight = aStarHierarchy(leaves, weight, maxima);
        assertClose([tight.logWeight], [logWeight], { absolute: 1e-12 });
        assert.equal(tight.expanded, leaves - 1, "only the splits of the hierarchy itself");
      }
    }
    assert.throws(() => aStarHierarchy(3, () => -Infinity, loose), /No hierarchy has a positive weight/);
  });

  test("greedy joins what weighs most; a beam that keeps everything finds the maximum; none is above it", () => {
    const weight: SplitWeight = (left, right) => -Math.abs(clusterCenter(left) - clusterCenter(right));
    assert.equal(nameOf(beamSearch(4, weight).tree), nameOf([[[0, 1], 2], 3]));
    for (const seed of [1, 2, 3, 4]) {
      const { logWeight } = new HierarchicalTrellis(6, disorder(seed)).maximum;
      const widths = [1, 5, 10_000].map((width) => beamSearch(6, disorder(seed), { width }));
      for (const { tree, logWeight: found } of widths) {
        assertClose([found], [logWeightOf(tree, disorder(seed))], { absolute: 1e-12 });
        assert.ok(found <= logWeight + 1e-12);
      }
      assertClose([widths[2]!.logWeight], [logWeight], { absolute: 1e-12 });
    }
    assert.throws(() => beamSearch(4, weight, { width: 0 }), /positive width, got 0/);
  });

  test("tree search is not below greedy, not above the maximum, and finds it when it may try long", () => {
    for (const seed of [1, 2, 3, 4]) {
      const weight = disorder(seed);
      const { logWeight } = new HierarchicalTrellis(6, weight).maximum;
      const random = uniformStream(seed);
      const found = monteCarloTreeSearch(6, weight, { iterations: 50, random });
      assertClose([logWeightOf(found.tree, weight)], [found.logWeight], { absolute: 1e-12 });
      assert.ok(found.logWeight >= beamSearch(6, weight).logWeight - 1e-12 && found.logWeight <= logWeight + 1e-12);
      const long = monteCarloTreeSearch(6, weight, { iterations: 5000, random });
      assertClose([long.logWeight], [logWeight], { absolute: 1e-12 });
    }
    // Greedy comes to a dead end: it joins 1 and 2, after which nothing may be joined.
    const trap: SplitWeight = (left, right) =>
      (left | right) === 0b110 ? 5 : left === 0b110 || right === 0b110 ? -Infinity : 0;
    assert.equal(beamSearch(3, trap).logWeight, -Infinity);
    assert.equal(monteCarloTreeSearch(3, trap, { random: uniformStream(1) }).logWeight, 0);
  });
});

/** Leaves on a line, at 0, 1, 3, 7, …: the middle of a cluster. */
function clusterCenter(cluster: number): number {
  const places = [0, 1, 2, 3].filter((leaf) => cluster & (1 << leaf)).map((leaf) => 2 ** leaf - 1);
  return places.reduce((a, b) => a + b) / places.length;
}

/** The largest weight of a cluster's hierarchies from those of its parts. */
function bestOfCluster(cluster: number, weight: SplitWeight, best: (part: number) => number): number {
  const others = cluster & (cluster - 1);
  if (others === 0) return 0;
  let largest = -Infinity;
  for (let right = others; right > 0; right = (right - 1) & others) {
    largest = Math.max(largest, weight(cluster ^ right, right) + best(cluster ^ right) + best(right));
  }
  return largest;
}
