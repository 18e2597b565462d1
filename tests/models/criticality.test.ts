import assert from "node:assert/strict";
import { test } from "node:test";
import {
  criticalWeightVariance,
  gaussianMean,
  kernelFixedPoint,
  kernelRecursion,
  perpendicularSusceptibility,
} from "../../src/models/index.js";
import { assertClose } from "../support/close.js";

test("Gaussian means are those of the moments, of cos, and of the rectifier", () => {
  for (const variance of [0.01, 1, 9]) {
    const exact = [1, variance, 3 * variance ** 2, 15 * variance ** 3, Math.exp(-variance / 2), variance / 2];
    const functions = [() => 1, (z: number) => z * z, (z: number) => z ** 4, (z: number) => z ** 6, Math.cos];
    const rectified = (z: number) => Math.max(z, 0) ** 2;
    assertClose(
      [...functions, rectified].map((f) => gaussianMean(f, variance)),
      exact,
      { relative: 1e-12 },
    );
  }
});

test("K stays at criticality for linear and rectified networks, and grows by C_W elsewhere", () => {
  const still = kernelRecursion("relu", { weightVariance: 2, biasVariance: 0 }, 50, 0.7);
  assertClose(
    still,
    still.map(() => 0.7),
    { relative: 1e-12 },
  );
  const [first, second] = kernelRecursion("linear", { weightVariance: 1.5, biasVariance: 0.25 }, 2, 1);
  assertClose([first!, second!], [1, 1.75], { relative: 1e-12 });
});

test("K of a critical tanh network falls as 1/2ℓ (arXiv:2106.10165, section 5.3), with the next term's logarithm", () => {
  const layers = 4000;
  const kernel = kernelRecursion("tanh", { weightVariance: 1, biasVariance: 0 }, layers, 1);
  const scaled = 2 * layers * kernel.at(-1)!;
  assert.ok(Math.abs(scaled - 1) < Math.log(layers) / layers, String(scaled));
});

test("the line between order and chaos starts at C_W = 1 and has K with χ⊥ = 1, as published", () => {
  assert.equal(criticalWeightVariance(0), 1);
  let last = 1;
  for (const biasVariance of [0.01, 0.05, 0.3, 1]) {
    const weightVariance = criticalWeightVariance(biasVariance);
    const kernel = kernelFixedPoint({ weightVariance, biasVariance });
    const end = kernelRecursion("tanh", { weightVariance, biasVariance }, 3000, 2).at(-1)!;
    assertClose([kernel], [end], { relative: 1e-6 });
    assertClose([perpendicularSusceptibility("tanh", weightVariance, kernel)], [1], { relative: 1e-9 });
    assert.ok(weightVariance > last, "more noise needs larger weights");
    last = weightVariance;
  }
  // Read off by arXiv:1611.01232 for its experiments: C_b = 0.05 has C_W = 1.76.
  assertClose([criticalWeightVariance(0.05)], [1.76], { absolute: 0.005 });
  assert.equal(kernelFixedPoint({ weightVariance: 0.9, biasVariance: 0 }), 0);
});
