import type { Hierarchy, SplitWeight } from "../clustering/index.js";

/** A four-vector: energy, then momentum; in any units. */
export type FourVector = readonly [energy: number, x: number, y: number, z: number];

/** Parameters of the toy shower Ginkgo (arXiv:2002.11661; the code is SebastianMacaluso/ginkgo). */
export interface GinkgoParameters {
  /** λ: a child's squared mass is exponential with mean (what it can be at most) / λ, cut off there. */
  readonly rate: number;
  /** t_cut: a particle of no larger squared mass does not decay. */
  readonly cut: number;
}

/** A shower: what is seen, and how it came about. */
export interface GinkgoJet {
  readonly leaves: readonly FourVector[];
  /** The splittings; numbers are places in `leaves`. */
  readonly tree: Hierarchy;
}

/** m² = E² − p². */
export const squaredMass = ([e, x, y, z]: FourVector): number => e * e - x * x - y * y - z * z;

/**
 * A jet of the toy shower Ginkgo: a particle decays isotropically in its rest frame into two, whose squared masses are
 * drawn one after the other, t₁ below the parent's t and t₂ below (√t − √t₁)²; each child of t > t_cut decays likewise.
 * Energy and momentum are conserved in each splitting.
 *
 * Throws a RangeError when the parent is too light to decay, or a parameter is not positive.
 * @param random independent uniform numbers from 0 to below 1
 */
export function ginkgoJet(parent: FourVector, { rate, cut }: GinkgoParameters, random: () => number): GinkgoJet {
  checkParameters("ginkgoJet", { rate, cut });
  const mass = squaredMass(parent);
  if (!(mass > cut))
    throw new RangeError(`ginkgoJet: a parent of squared mass ${mass} does not decay; t_cut is ${cut}.`);
  const leaves: FourVector[] = [];
  const squaredMassBelow = (most: number) => (-most * Math.log1p(random() * Math.expm1(-rate))) / rate;
  const shower = (particle: FourVector, t: number): Hierarchy => {
    if (t <= cut) return leaves.push(particle) - 1;
    const first = squaredMassBelow(t);
    const second = squaredMassBelow((Math.sqrt(t) - Math.sqrt(first)) ** 2);
    const direction = isotropic(random);
    const [a, b] = decay(particle, t, [first, second], direction);
    return [shower(a, first), shower(b, second)];
  };
  return { tree: shower(parent, mass), leaves };
}

/** A uniform direction. */
function isotropic(random: () => number): [number, number, number] {
  const z = 2 * random() - 1;
  const angle = 2 * Math.PI * random();
  const radius = Math.sqrt(1 - z * z);
  return [radius * Math.cos(angle), radius * Math.sin(angle), z];
}

/**
 * The products of a two-body decay, of given squared masses and direction of the first in the parent's rest frame.
 * @param t the parent's squared mass
 */
export function decay(
  parent: FourVector,
  t: number,
  [first, second]: readonly [number, number],
  direction: readonly [number, number, number],
): [FourVector, FourVector] {
  const mass = Math.sqrt(t);
  const energy = (t + first - second) / (2 * mass);
  const momentum = restMomentum(t, first, second);
  const [e, ...p] = parent;
  const along = (p[0] * direction[0] + p[1] * direction[1] + p[2] * direction[2]) * momentum;
  const factor = (along / (e + mass) + energy) / mass; // the boost from the parent's rest frame
  const one: FourVector = [
    (e * energy + along) / mass,
    momentum * direction[0] + factor * p[0],
    momentum * direction[1] + factor * p[1],
    momentum * direction[2] + factor * p[2],
  ];
  return [one, [e - one[0], p[0] - one[1], p[1] - one[2], p[2] - one[3]]];
}

/** The momentum of either product of a two-body decay in the parent's rest frame; squared masses. */
const restMomentum = (t: number, first: number, second: number): number =>
  Math.sqrt(Math.max(0, (t - first - second) ** 2 - 4 * first * second) / (4 * t));

/**
 * The logarithm of the probability density of a splitting of Ginkgo, for hierarchies over a jet's leaves. The sum over the
 * splits of a tree is the density of the leaves' momenta (of 4 (N − 1) coordinates, the jet's own momentum being given) and
 * of the tree, so that the partition function is the density of the leaves. Either child may have been drawn first.
 *
 * With f(t; m) = λ/m · exp(−λ t/m) / (1 − exp(−λ)) for t < m and p the momentum in the rest frame, a splitting of t into t₁ and t₂ has
 * [f(t₁; t) f(t₂; (√t − √t₁)²) + f(t₂; t) f(t₁; (√t − √t₂)²)] / 4π · 4√t / p; the last factor is |∂(t₁, t₂, Ω)/∂⁴p₁|.
 */
export function ginkgoSplits(leaves: readonly FourVector[], { rate, cut }: GinkgoParameters): SplitWeight {
  checkParameters("ginkgoSplits", { rate, cut });
  const masses = clusterMasses(leaves);
  const constant = 2 * (Math.log(rate) - Math.log(-Math.expm1(-rate))) - Math.log(Math.PI);
  return (left, right) => {
    const t = masses[left | right]!;
    if (!(t > cut)) return -Infinity;
    const [first, second] = [Math.max(masses[left]!, 0), Math.max(masses[right]!, 0)];
    const [root, momentum] = [Math.sqrt(t), restMomentum(t, first, second)];
    const [most2, most1] = [(root - Math.sqrt(first)) ** 2, (root - Math.sqrt(second)) ** 2];
    const firstFirst = Math.exp(-rate * (first / t + second / most2)) / most2;
    const secondFirst = Math.exp(-rate * (second / t + first / most1)) / most1;
    return constant + Math.log((firstFirst + secondFirst) / (root * momentum));
  };
}

/**
 * The weight of a splitting that arXiv:2002.11661 and arXiv:2104.07061 use: a density of squared masses and directions, in
 * which leaves count by their probability not to decay and the heavier child was drawn first. There is no Jacobian, so that
 * trees are compared by densities of different variables; see {@link ginkgoSplits}.
 */
export function publishedGinkgoSplits(leaves: readonly FourVector[], { rate, cut }: GinkgoParameters): SplitWeight {
  checkParameters("publishedGinkgoSplits", { rate, cut });
  const masses = clusterMasses(leaves);
  const normalisation = -Math.log(-Math.expm1(-rate));
  const child = (t: number, most: number) =>
    normalisation +
    (t > 0 ? Math.log(rate / most) - (rate * t) / most : Math.log(-Math.expm1((-rate * Math.min(cut, most)) / most)));
  const massOf = (cluster: number) => (cluster & (cluster - 1) ? masses[cluster]! : 0);
  return (left, right) => {
    const t = masses[left | right]!;
    if (!(t > cut)) return -Infinity;
    const [a, b] = [massOf(left), massOf(right)];
    const [heavier, lighter] = [Math.max(a, b), Math.min(a, b)];
    const most = (Math.sqrt(t) - Math.sqrt(heavier)) ** 2;
    return child(heavier, t) + child(lighter, most) - Math.log(4 * Math.PI);
  };
}

/**
 * An upper bound of the logarithm of the weights of a cluster's hierarchies, for a search with {@link publishedGinkgoSplits}.
 * f(t; m) of a particle of squared mass t is at most 1/(e t) for λ ≥ 1 and λ e^{−λ}/t else, over 1 − e^{−λ}. Each of a
 * hierarchy's particles is at least as heavy as any pair that it is the first to join, and such pairs form a spanning tree:
 * the product of all t is at least that of the pairs of the lightest one.
 */
export function publishedGinkgoBound(
  leaves: readonly FourVector[],
  { rate, cut }: GinkgoParameters,
): (cluster: number) => number {
  const masses = clusterMasses(leaves);
  const normalisation = -Math.log(-Math.expm1(-rate));
  const inner = normalisation + (rate >= 1 ? -1 : Math.log(rate) - rate);
  const logMass = (cluster: number) => Math.log(Math.max(masses[cluster]!, cut));
  return (cluster) => {
    const members = leaves.map((_, leaf) => leaf).filter((leaf) => cluster & (1 << leaf));
    const [count, own] = [members.length, logMass(cluster)];
    const product = spanningTree(members, (i, j) => logMass((1 << i) | (1 << j)));
    return -(count - 1) * Math.log(4 * Math.PI) + count * normalisation + (count - 2) * inner + own - product;
  };
}

/** The least sum of lengths of lines that connect all members (Prim). */
function spanningTree(members: readonly number[], length: (i: number, j: number) => number): number {
  const [start, ...rest] = members;
  const open = new Map(rest.map((member) => [member, length(start!, member)]));
  let sum = 0;
  while (open.size > 0) {
    const [next, distance] = [...open].reduce((a, b) => (b[1] < a[1] ? b : a));
    sum += distance;
    open.delete(next);
    for (const [member, known] of open) open.set(member, Math.min(known, length(next, member)));
  }
  return sum;
}

/** The squared mass of every set of leaves, by its bits. */
function clusterMasses(leaves: readonly FourVector[]): Float64Array {
  if (leaves.length > 20) throw new RangeError(`Ginkgo's weights take at most 20 leaves, got ${leaves.length}.`);
  const count = 2 ** leaves.length;
  const masses = new Float64Array(count);
  const sums = Array.from({ length: 4 }, () => new Float64Array(count));
  for (let cluster = 1; cluster < count; cluster++) {
    const leaf = leaves[31 - Math.clz32(cluster & -cluster)]!;
    const rest = cluster & (cluster - 1);
    const [e, x, y, z] = sums.map((sum) => sum[rest]!) as [number, number, number, number];
    const product = leaf[0] * e - leaf[1] * x - leaf[2] * y - leaf[3] * z;
    masses[cluster] = masses[rest]! + squaredMass(leaf) + 2 * product;
    sums.forEach((sum, i) => (sum[cluster] = sum[rest]! + leaf[i]!));
  }
  return masses;
}

function checkParameters(caller: string, { rate, cut }: GinkgoParameters): void {
  if (rate > 0 && cut > 0) return;
  throw new RangeError(`${caller} takes a positive rate and cut, got ${rate} and ${cut}.`);
}
