import { checkLeaves, type Hierarchy, logWeightOf, type SplitWeight, type WeightedHierarchy } from "./hierarchy.js";

/** Leaves at most: 3²⁰ / 2 splits take minutes, and 2²⁰ clusters 20 MB. */
const MOST_LEAVES = 20;

/**
 * All hierarchies over a set of leaves at once: their number is (2N − 3)!!, but they share their 2ᴺ clusters, so that sums
 * and maxima over them take (3ᴺ − 2ᴺ⁺¹ + 1) / 2 evaluations of a split's weight (arXiv:2002.11661).
 *
 * Throws a RangeError for fewer than 2 or more than 20 leaves, and a TypeError for a weight that is no number.
 * @example
 * const count = new HierarchicalTrellis(5, () => 0);
 * Math.round(Math.exp(count.logPartition)); // 105
 */
export class HierarchicalTrellis {
  /** Of each cluster, the logarithm of the sum of the weights of all its hierarchies. */
  readonly #logSums: Float64Array;
  /** Of each cluster, the logarithm of the largest weight, and one part of the first split of that hierarchy. */
  readonly #logMaxima: Float64Array;
  readonly #bestParts: Int32Array;
  readonly #all: number;
  readonly #weight: SplitWeight;

  constructor(leaves: number, weight: SplitWeight) {
    checkLeaves("HierarchicalTrellis", leaves, MOST_LEAVES);
    const clusters = 2 ** leaves;
    this.#weight = weight;
    this.#all = clusters - 1;
    this.#logSums = new Float64Array(clusters);
    this.#logMaxima = new Float64Array(clusters);
    this.#bestParts = new Int32Array(clusters);
    const terms = new Float64Array(clusters / 2);
    for (let cluster = 3; cluster < clusters; cluster++) if (cluster & (cluster - 1)) this.#settle(cluster, terms);
  }

  /** The logarithm of the partition function: of the sum of the weights of all hierarchies. */
  get logPartition(): number {
    return this.#logSums[this.#all]!;
  }

  /** The hierarchy of the largest weight. */
  get maximum(): WeightedHierarchy {
    return { tree: this.#best(this.#all), logWeight: this.#logMaxima[this.#all]! };
  }

  /** The logarithm of the probability that a hierarchy has: its share of the partition function. */
  logProbability(tree: Hierarchy): number {
    return logWeightOf(tree, this.#weight) - this.logPartition;
  }

  /**
   * A hierarchy at random, each with the probability that its weight gives it.
   * @param random independent uniform numbers from 0 to below 1
   */
  sample(random: () => number): Hierarchy {
    return this.#draw(this.#all, random);
  }

  /** Sums and maximum of a cluster, whose parts are settled: they are smaller integers. */
  #settle(cluster: number, terms: Float64Array): void {
    let [count, largest, maximum, bestPart] = [0, -Infinity, -Infinity, 0];
    const others = cluster & (cluster - 1); // all but the lowest leaf, which stays left
    for (let right = others; right > 0; right = (right - 1) & others) {
      const left = cluster ^ right;
      const split = this.#weight(left, right);
      if (Number.isNaN(split)) throw new TypeError(`The weight of splitting ${left} and ${right} is not a number.`);
      const term = split + this.#logSums[left]! + this.#logSums[right]!;
      const best = split + this.#logMaxima[left]! + this.#logMaxima[right]!;
      if (best > maximum) [maximum, bestPart] = [best, right];
      largest = Math.max(largest, term);
      terms[count++] = term;
    }
    let sum = 0;
    if (largest > -Infinity) for (let i = 0; i < count; i++) sum += Math.exp(terms[i]! - largest);
    this.#logSums[cluster] = largest > -Infinity ? largest + Math.log(sum) : -Infinity;
    this.#logMaxima[cluster] = maximum;
    this.#bestParts[cluster] = bestPart;
  }

  #best(cluster: number): Hierarchy {
    const right = this.#bestParts[cluster]!;
    if (right !== 0) return [this.#best(cluster ^ right), this.#best(right)];
    if (cluster & (cluster - 1)) throw new RangeError("No hierarchy has a positive weight, so none is the best.");
    return leafOf(cluster);
  }

  #draw(cluster: number, random: () => number): Hierarchy {
    const others = cluster & (cluster - 1);
    if (others === 0) return leafOf(cluster);
    const total = this.#logSums[cluster]!;
    if (total === -Infinity) throw new RangeError("No hierarchy has a positive weight, so none can be drawn.");
    let left = random();
    let chosen = others;
    for (let right = others; right > 0; right = (right - 1) & others) {
      const rest = cluster ^ right;
      const share = Math.exp(this.#weight(rest, right) + this.#logSums[rest]! + this.#logSums[right]! - total);
      if (share > 0) chosen = right; // what rounding leaves over goes to the last that is possible
      left -= share;
      if (left < 0) break;
    }
    return [this.#draw(cluster ^ chosen, random), this.#draw(chosen, random)];
  }
}

/** The leaf of a cluster of one. */
const leafOf = (cluster: number): number => 31 - Math.clz32(cluster);
