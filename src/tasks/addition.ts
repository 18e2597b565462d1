import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { constant, type Tensor } from "../tensor/index.js";

/** i + j for all 0 ≤ i ≤ j < p: the toy task of arXiv:2205.10343, in which i + j and j + i are one sample. */
export interface AdditionTask {
  readonly p: number;
  /** Number of samples, p(p + 1)/2. */
  readonly count: number;
  /** i, j and i + j of each sample; shape [count] each. */
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly sum: readonly number[];
}

/** Coefficients of E in E_i + E_j − E_m − E_n, which is 0 where an embedding is linear. */
type Equation = readonly number[];

/** Squared distances, in units of the variance of an embedding, below which two sums of embeddings are the same (arXiv:2205.10343, section 3.1). */
const SAME_SUM = 0.01;

/** Primes above the largest minor of any such matrix keep ranks what they are; the product of two residues stays exact. */
const PRIME = 67_108_859;
/** √6^p, Hadamard's bound on minors of p columns, is below the prime up to here. */
const LARGEST_P = 20;

/**
 * All samples of the task.
 *
 * Throws a RangeError unless p is an integer from 3 to 20.
 */
export function additionTask(p: number): AdditionTask {
  if (!Number.isInteger(p) || p < 3 || p > LARGEST_P)
    throw new RangeError(`additionTask takes a p from 3 to ${LARGEST_P}, got ${p}.`);
  const first = Array.from({ length: p }, (_, i) => Array.from({ length: p - i }, () => i)).flat();
  const second = Array.from({ length: p }, (_, i) => Array.from({ length: p - i }, (_, k) => i + k)).flat();
  return { p, count: first.length, first, second, sum: first.map((i, sample) => i + second[sample]!) };
}

/**
 * The dimension of the space of embeddings E in one dimension for which samples of the training set with one sum have one
 * E_i + E_j: from 2, where the training set leaves no choice but E_k = a + b k, to p. An exact rank (arXiv:2205.10343, section 3.2).
 *
 * @param training for each sample whether it belongs to the training set
 */
export function linearFreedom(task: AdditionTask, training: ArrayLike<number>): number {
  const samples = samplesBySum(task, training);
  // Neighbours suffice: the other differences are sums of theirs.
  const equations = samples.flatMap((group) =>
    group.slice(1).map((sample, before) => equation(task, group[before]!, sample)),
  );
  return task.p - rank(equations);
}

/**
 * The third smallest eigenvalue of H in the effective loss ½ EᵀHE = Σ (E_i + E_j − E_m − E_n)² / |E|² over the parallelograms of the
 * training set: the rate at which embeddings become linear, 0 where something else can remain (arXiv:2205.10343, section 3.2, with the
 * untrained embedding's |E|² taken as 1).
 *
 * @param training for each sample whether it belongs to the training set
 */
export function grokkingRate(task: AdditionTask, training: ArrayLike<number>): number {
  const equations = parallelograms(samplesBySum(task, training)).map(([a, b]) => equation(task, a, b));
  if (linearFreedom(task, training) > 2) return 0;
  const matrix = new Matrix(equations.map((row) => [...row]));
  const hessian = matrix.transpose().mmul(matrix).mul(2);
  const { realEigenvalues } = new EigenvalueDecomposition(hessian, { assumeSymmetric: true });
  return [...realEigenvalues].sort((a, b) => a - b)[2]!;
}

/**
 * RQI: of all pairs of samples with i + j = m + n, the share for which an embedding has E_i + E_j ≈ E_m + E_n, an f32 scalar
 * (arXiv:2205.10343, equation 3).
 *
 * @param embedding shape [p, dimensions]
 */
export function representationQuality(task: AdditionTask, embedding: Tensor): Tensor {
  const all = parallelograms(
    samplesBySum(
      task,
      task.sum.map(() => 1),
    ),
  );
  const equations = constant(all.map(([a, b]) => equation(task, a, b)));
  const errors = equations.matmul(standardized(task, embedding)).square().mean(1);
  return errors.less(SAME_SUM).cast("f32").mean();
}

/**
 * The share of samples that a network with this embedding should get right, if its decoder knows the training set and
 * nothing else: those with E_i + E_j ≈ E_m + E_n for a training sample of the same sum; an f32 scalar (arXiv:2205.10343, equation 4).
 *
 * @param training for each sample 1 where it belongs to the training set, else 0; shape [count]
 * @param embedding shape [p, dimensions]
 */
export function predictedAccuracy(task: AdditionTask, training: Tensor, embedding: Tensor): Tensor {
  const { count } = task;
  const standard = standardized(task, embedding);
  const sums = standard.take(indices(task.first)).add(standard.take(indices(task.second)));
  const differences = sums.reshape([count, 1, sums.shape[1]!]).sub(sums.reshape([1, count, sums.shape[1]!]));
  const labels = indices(task.sum);
  const same = labels.reshape([count, 1]).equal(labels.reshape([1, count]));
  const known = differences
    .square()
    .mean(2)
    .less(SAME_SUM)
    .and(same)
    .and(training.greater(0).reshape([1, count]));
  return known.any(1).cast("f32").mean();
}

/** Samples of the training set, grouped by their sum. */
function samplesBySum({ p, sum, count }: AdditionTask, training: ArrayLike<number>): number[][] {
  if (training.length !== count) {
    throw new RangeError(
      `A training set of this task says of each of ${count} samples whether it belongs to it, got ${training.length} values.`,
    );
  }
  const groups: number[][] = Array.from({ length: 2 * p - 1 }, () => []);
  sum.forEach((value, sample) => {
    if (training[sample]) groups[value]!.push(sample);
  });
  return groups;
}

/** All pairs of samples of one group. */
const parallelograms = (groups: readonly (readonly number[])[]): [number, number][] =>
  groups.flatMap((group) => group.flatMap((a, i) => group.slice(i + 1).map((b): [number, number] => [a, b])));

function equation({ p, first, second }: AdditionTask, a: number, b: number): Equation {
  const row = new Array<number>(p).fill(0);
  for (const [sample, sign] of [
    [a, 1],
    [b, -1],
  ] as const) {
    row[first[sample]!]! += sign;
    row[second[sample]!]! += sign;
  }
  return row;
}

/** Each dimension of an embedding with mean 0 and variance 1 (divided by p − 1). */
function standardized({ p }: AdditionTask, embedding: Tensor): Tensor {
  if (embedding.rank !== 2 || embedding.shape[0] !== p)
    throw new RangeError(
      `An embedding of this task has the shape [${p}, dimensions], got [${embedding.shape.join(", ")}].`,
    );
  const centered = embedding.sub(embedding.mean(0));
  return centered.div(
    centered
      .square()
      .sum(0)
      .div(p - 1)
      .sqrt(),
  );
}

const indices = (values: readonly number[]): Tensor => constant(values, [values.length], "i32");

/** The rank of a matrix of small integers, by elimination modulo {@link PRIME}. */
function rank(rows: readonly Equation[]): number {
  const basis: { pivot: number; row: number[] }[] = [];
  for (const start of rows) {
    let row = start.map((x) => (x + PRIME) % PRIME);
    for (const { pivot, row: other } of basis) {
      const factor = row[pivot]!;
      if (factor !== 0) row = row.map((x, k) => (x + (PRIME - factor) * other[k]!) % PRIME);
    }
    const pivot = row.findIndex((x) => x !== 0);
    if (pivot < 0) continue;
    const inverse = power(row[pivot]!, PRIME - 2);
    basis.push({ pivot, row: row.map((x) => (x * inverse) % PRIME) });
  }
  return basis.length;
}

/** base^exponent modulo {@link PRIME}. */
function power(base: number, exponent: number): number {
  let [result, square] = [1, base];
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = (result * square) % PRIME;
    square = (square * square) % PRIME;
  }
  return result;
}
