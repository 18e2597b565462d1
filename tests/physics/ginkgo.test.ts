import assert from "node:assert/strict";
import { test } from "node:test";
import { type Hierarchy, HierarchicalTrellis, logWeightOf } from "../../src/clustering/index.js";
import {
  decay,
  type FourVector,
  ginkgoJet,
  ginkgoSplits,
  publishedGinkgoBound,
  publishedGinkgoSplits,
  squaredMass,
} from "../../src/physics/index.js";
import { mean, standardError, uniformStream } from "../../src/stats/index.js";
import { assertClose } from "../support/close.js";

const parent: FourVector = [25, 3, -4, 20];
const parameters = { rate: 1.5, cut: 8 };

const sum = (vectors: readonly FourVector[]): FourVector =>
  vectors.reduce((a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]]);

/** Four-vectors of a tree's leaves, and a look at every particle that decays. */
function visit(tree: Hierarchy, leaves: readonly FourVector[], see: (particle: FourVector) => void): FourVector {
  if (typeof tree === "number") return leaves[tree]!;
  const particle = sum([visit(tree[0], leaves, see), visit(tree[1], leaves, see)]);
  see(particle);
  return particle;
}

test("a jet conserves energy and momentum; what decays is heavier than the cut, what is seen is not", () => {
  const random = uniformStream(1);
  for (let i = 0; i < 100; i++) {
    const { leaves, tree } = ginkgoJet(parent, parameters, random);
    assertClose(sum(leaves), parent, { absolute: 1e-11 });
    for (const leaf of leaves) assert.ok(squaredMass(leaf) <= parameters.cut + 1e-9 && squaredMass(leaf) > -1e-9);
    visit(tree, leaves, (particle) => assert.ok(squaredMass(particle) > parameters.cut));
  }
});

test("a decay gives the masses and, in the rest frame, the direction asked for", () => {
  const direction = [0.48, -0.6, 0.64] as const;
  const t = squaredMass(parent);
  const products = decay(parent, t, [30, 50], direction);
  assertClose(products.map(squaredMass), [30, 50], { relative: 1e-12 });
  assertClose(sum(products), parent, { relative: 1e-14 });
  const [atRest] = decay([Math.sqrt(t), 0, 0, 0], t, [30, 50], direction);
  const momentum = Math.hypot(...atRest.slice(1));
  assertClose(
    atRest.slice(1).map((p) => p / momentum),
    direction,
    { absolute: 1e-14 },
  );
});

test("the volume of phase space that a splitting covers is |∂(t₁, t₂, cos ϑ, φ)/∂⁴p| = 4√t / p", () => {
  const t = squaredMass(parent);
  const product = ([first, second, cosine, angle]: readonly number[]): FourVector => {
    const sine = Math.sqrt(1 - cosine! ** 2);
    return decay(parent, t, [first!, second!], [sine * Math.cos(angle!), sine * Math.sin(angle!), cosine!])[0];
  };
  const at = [30, 50, 0.3, 1.1];
  const columns = at.map((_, i) => {
    const step = (by: number) => product(at.map((x, k) => (k === i ? x + by : x)));
    const [up, down] = [step(1e-4), step(-1e-4)];
    return up.map((x, k) => (x - down[k]!) / 2e-4);
  });
  const momentum = Math.sqrt(((t - 30 - 50) ** 2 - 4 * 30 * 50) / (4 * t));
  assertClose([Math.abs(determinant(columns))], [momentum / (4 * Math.sqrt(t))], { relative: 1e-6 });
});

test("a splitting's density is that of the two squared masses, in either order, times 4√t / 4πp", () => {
  const t = squaredMass(parent);
  const pair = decay(parent, t, [6, 2], [0, 0.6, 0.8]);
  const { rate } = parameters;
  const f = (x: number, most: number) => ((rate / most) * Math.exp((-rate * x) / most)) / (1 - Math.exp(-rate));
  const left = (x: number) => (Math.sqrt(t) - Math.sqrt(x)) ** 2;
  const masses = f(6, t) * f(2, left(6)) + f(2, t) * f(6, left(2));
  const momentum = Math.sqrt(((t - 8) ** 2 - 48) / (4 * t));
  const expected = Math.log(((masses / (4 * Math.PI)) * 4 * Math.sqrt(t)) / momentum);
  assertClose([ginkgoSplits(pair, parameters)(1, 2)], [expected], { absolute: 1e-11 });
  assert.equal(ginkgoSplits(pair, { rate, cut: t + 1 })(1, 2), -Infinity);
});

test("the partition function is the density of the leaves: ratios of two rates average to 1", () => {
  const random = uniformStream(5);
  const ratios = Array.from({ length: 1500 }, () => {
    const { leaves } = ginkgoJet(parent, parameters, random);
    const [other, own] = [1.9, 1.5].map((rate) => {
      const weight = ginkgoSplits(leaves, { ...parameters, rate });
      return new HierarchicalTrellis(leaves.length, weight).logPartition;
    });
    return Math.exp(other! - own!);
  });
  assertClose([mean(ratios)], [1], { absolute: 4 * standardError(ratios) });
  assert.ok(standardError(ratios) < 0.02);
});

test("the published weights are those of the authors' code", () => {
  const leaves: FourVector[] = [
    [30, 10, 5, 27],
    [22, 3, -2, 21.5],
    [12, -4, 1, 11],
    [9, 2, 3, 8],
  ];
  // split_logLH_without_non_stop_prob of github.com/SebastianMacaluso/ginkgo, commit e59369b, for λ = 0.7 and 1.9
  const expected = [
    [-11.382037004051273, -12.084861024009946, -13.661764282128061],
    [-10.443978580968576, -11.604159476686984, -13.616269093982961],
  ];
  [0.7, 1.9].forEach((rate, i) => {
    const weight = publishedGinkgoSplits(leaves, { rate, cut: 1.5 });
    assertClose([weight(1, 2), weight(3, 4), weight(3, 12)], expected[i]!, { relative: 1e-12 });
  });
});

test("the bound is above the best hierarchy of every jet", () => {
  const random = uniformStream(9);
  for (const rate of [0.6, 1.5, 3]) {
    for (let i = 0; i < 40; i++) {
      const { leaves } = ginkgoJet(parent, { rate, cut: 8 }, random);
      const weight = publishedGinkgoSplits(leaves, { rate, cut: 8 });
      const { tree, logWeight } = new HierarchicalTrellis(leaves.length, weight).maximum;
      const bound = publishedGinkgoBound(leaves, { rate, cut: 8 });
      assert.ok(bound(2 ** leaves.length - 1) >= logWeight);
      assertClose([logWeightOf(tree, weight)], [logWeight], { absolute: 1e-10 });
    }
  }
});

test("what cannot shower is refused", () => {
  assert.throws(
    () => ginkgoJet([1, 0, 0, 0], parameters, uniformStream(0)),
    /squared mass 1 does not decay; t_cut is 8/,
  );
  assert.throws(() => ginkgoSplits([parent], { rate: 0, cut: 1 }), /positive rate and cut, got 0 and 1/);
});

function determinant(matrix: number[][]): number {
  if (matrix.length === 1) return matrix[0]![0]!;
  const [first, ...rest] = matrix;
  return first!.reduce((total, x, i) => {
    const minor = rest.map((row) => row.filter((_, k) => k !== i));
    return total + (i % 2 === 0 ? 1 : -1) * x * determinant(minor);
  }, 0);
}
