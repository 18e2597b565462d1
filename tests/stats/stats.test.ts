/** Statistics against values that SciPy 1.17 and NumPy 2.4 give. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  correlation,
  mean,
  median,
  principalComponents,
  quantile,
  rankCorrelation,
  ranks,
  standardDeviation,
  standardError,
} from "../../src/stats/index.js";
import { assertClose } from "../support/close.js";

const X = [2.1, 0.4, 3.3, 3.3, -1.2, 8.0, 0.9];
const Y = [1.0, 0.2, 2.5, 2.0, 0.1, 2.5, 0.7];

test("location and spread", () => {
  assertClose([mean(X), median(X), quantile(X, 0.1)], [2.4, 2.1, -0.24], { relative: 1e-12 }); // np.quantile(X, 0.1)
  assertClose([standardDeviation(X)], [2.951835587111], { relative: 1e-11 }); // np.std(X, ddof=1)
  assertClose([standardError(X)], [2.951835587111 / Math.sqrt(7)], { relative: 1e-11 });
});

test("correlations, with ties", () => {
  assert.deepEqual([...ranks(X)], [4, 2, 5.5, 5.5, 1, 7, 3]); // scipy.stats.rankdata
  assertClose([correlation(X, Y)], [0.866794882328], { relative: 1e-10 }); // scipy.stats.pearsonr
  assertClose([rankCorrelation(X, Y)], [0.972727272727], { relative: 1e-10 }); // scipy.stats.spearmanr
});

test("principal components of a rotated ellipse", () => {
  const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
  const data = [
    [3, 0],
    [-3, 0],
    [0, 1],
    [0, -1],
  ].flatMap(([u, v]) => [c * u! - s * v! + 5, s * u! + c * v! - 2]);
  const { variances, components } = principalComponents({ shape: [4, 2], data: Float64Array.from(data) });
  assertClose(variances, [4.5, 0.5], { relative: 1e-12 });
  assertClose(components.data.map(Math.abs), [c, s, s, c], { relative: 1e-12 });
});

test("samples that are too small are refused", () => {
  assert.throws(() => median([]), /quantile: the sample is empty/);
  assert.throws(() => standardDeviation([1]), /takes two or more values, got 1/);
  assert.throws(() => correlation([1, 2], [1, 2, 3]), /got 2 and 3/);
});
