import assert from "node:assert/strict";
import { test } from "node:test";
import { importanceSample } from "../../src/stats/index.js";
import { assertClose } from "../support/close.js";

test("equal weights are worth every draw; one weight alone is worth one", () => {
  assert.equal(importanceSample([-900, -900, -900, -900]).efficiency, 1);
  assert.equal(importanceSample([0, -Infinity, -Infinity, -Infinity]).efficiency, 0.25);
});

test("evenly spread draws for a Gaussian have its normalisation, variance and exact efficiency", () => {
  const x = Array.from({ length: 4000 }, (_, i) => -10 + (i + 0.5) / 200);
  // p = e^(−2x²), q = 1/20.
  const logWeights = x.map((value) => -2 * value ** 2 + Math.log(20));
  const { weights, logMean, efficiency } = importanceSample(logWeights);
  assertClose([logMean], [Math.log(Math.sqrt(Math.PI / 2))], { absolute: 1e-9 });
  // (∫p)² / 20 ∫p² with ∫p² = √(π/4)
  assertClose([efficiency], [Math.PI / 2 / 20 / Math.sqrt(Math.PI / 4)], { absolute: 1e-9 });
  assertClose([weights.reduce((sum, weight, i) => sum + weight * x[i]! ** 2, 0)], [0.25], { absolute: 1e-9 });
});

test("weights that are no numbers are refused", () => {
  assert.throws(() => importanceSample([]), /no draws/);
  assert.throws(() => importanceSample([0, NaN]), /weight 1 is e\^NaN/);
});
