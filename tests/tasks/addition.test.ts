import assert from "node:assert/strict";
import { test } from "node:test";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import {
  additionTask,
  grokkingRate,
  linearFreedom,
  predictedAccuracy,
  representationQuality,
} from "../../src/tasks/index.js";
import { evaluate } from "../../src/compile/reference.js";
import { constant, zeros } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

const task = additionTask(10);

/** A small generator (mulberry32): training sets of a given size, one after the other. */
function trainingSets(seed: number) {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return (size: number): number[] => {
    const order = task.sum.map((_, sample) => ({ sample, at: uniform() })).sort((a, b) => a.at - b.at);
    const chosen = new Set(order.slice(0, size).map(({ sample }) => sample));
    return task.sum.map((_, sample) => Number(chosen.has(sample)));
  };
}

/** All differences of training samples with one sum, as in the definition. */
function equations(training: readonly number[]): number[][] {
  const rows: number[][] = [];
  for (let a = 0; a < task.count; a++)
    for (let b = a + 1; b < task.count; b++) {
      if (!training[a] || !training[b] || task.sum[a] !== task.sum[b]) continue;
      const row = new Array<number>(10).fill(0);
      for (const [sample, sign] of [
        [a, 1],
        [b, -1],
      ] as const) {
        row[task.first[sample]!]! += sign;
        row[task.second[sample]!]! += sign;
      }
      rows.push(row);
    }
  return rows;
}

const eigenvalues = (rows: number[][]): number[] => {
  const matrix = new Matrix(rows);
  const { realEigenvalues } = new EigenvalueDecomposition(matrix.transpose().mmul(matrix), { assumeSymmetric: true });
  return [...realEigenvalues].sort((a, b) => a - b);
};

test("55 samples of ten numbers, each sum where it belongs", () => {
  assert.equal(task.count, 55);
  assert.ok(task.sum.every((sum, k) => task.first[k]! <= task.second[k]! && task.first[k]! + task.second[k]! === sum));
  assert.equal(new Set(task.sum.map((_, k) => `${task.first[k]},${task.second[k]}`)).size, 55);
});

test("the exact rank is the number of eigenvalues above zero, for random training sets of all sizes", () => {
  const next = trainingSets(1);
  for (let size = 2; size <= 55; size++) {
    const training = next(size);
    const rows = equations(training);
    const zeros = rows.length === 0 ? 10 : eigenvalues(rows).filter((value) => value < 1e-9).length;
    assert.equal(linearFreedom(task, training), zeros, `${size} samples`);
  }
});

test("a representation is forced as often as in an independent calculation, within 4 standard errors", () => {
  // 200,000 sets each by Fisher-Yates, ranks by elimination with pivots in double precision: standard errors up to 0.0009.
  const next = trainingSets(2);
  const count = 4000;
  for (const [size, expected] of [
    [20, 0.1723],
    [25, 0.8001],
    [30, 0.9798],
  ] as const) {
    const unique = Array.from({ length: count }, () => linearFreedom(task, next(size))).filter(
      (freedom) => freedom === 2,
    );
    assertClose(
      [unique.length / count],
      [expected],
      { absolute: 4 * Math.sqrt((expected * (1 - expected)) / count + 0.0009 ** 2) },
      `${size}`,
    );
  }
});

test("the grokking rate is the smallest eigenvalue that is not exactly zero, or zero where freedom remains", () => {
  const next = trainingSets(3);
  const training = next(40);
  assertClose([grokkingRate(task, training)], [2 * eigenvalues(equations(training))[2]!], { relative: 1e-9 });
  assert.equal(grokkingRate(task, next(5)), 0);
});

test("linear embeddings have every parallelogram, in any dimension and unit; curved ones hardly any", () => {
  const linear = constant(Array.from({ length: 10 }, (_, k) => [3 - 7 * k, 100 + 0.01 * k]));
  const curved = constant(Array.from({ length: 10 }, (_, k) => [2 ** k]));
  const training = trainingSets(4)(30);
  const everything = constant(task.sum.map(() => 1));
  const some = constant(training);
  const [quality, low, whole, linearlyKnown, known] = evaluate([
    representationQuality(task, linear),
    representationQuality(task, curved),
    predictedAccuracy(task, everything, curved),
    predictedAccuracy(task, some, linear),
    predictedAccuracy(task, some, curved),
  ]).map((values) => values[0]!);
  assert.deepEqual([quality, whole], [1, 1]);
  assert.ok(low! < 0.3 && known! < 0.7, `${low} and ${known}`);
  // Nothing but the sums that no training sample has is beyond a linear embedding.
  const sums = new Set(task.sum.filter((_, sample) => training[sample]));
  assertClose([linearlyKnown!], [task.sum.filter((sum) => sums.has(sum)).length / 55], { relative: 1e-12 });
});

test("a parallelogram is one up to a tenth of the embedding's deviation", () => {
  const p4 = additionTask(4); // 0 + 2 = 1 + 1, 0 + 3 = 1 + 2, 1 + 3 = 2 + 2
  const moved = (by: number) => constant([[0], [1], [2], [3 + by * 1.29]]); // about `by` deviations
  const [near, far] = evaluate([representationQuality(p4, moved(0.09)), representationQuality(p4, moved(0.11))]);
  assertClose([near![0]!, far![0]!], [1, 1 / 3], { relative: 1e-12 });
});

test("what does not fit the task is refused", () => {
  assert.throws(() => additionTask(21), /from 3 to 20, got 21/);
  assert.throws(() => linearFreedom(task, [1, 0]), /each of 55 samples/);
  assert.throws(() => representationQuality(task, zeros([9, 1])), /\[10, dimensions\], got \[9, 1\]/);
});
