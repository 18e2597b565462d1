/** Autocorrelation times against what theory gives, and diagnostics of chains against ArviZ 0.22. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { effectiveSampleSize, integratedAutocorrelationTime, splitRHat } from "../../src/stats/index.js";
import { assertClose } from "../support/close.js";
import { autoregression } from "./autoregression.js";

suite("the integrated autocorrelation time", () => {
  for (const a of [0, 0.5, 0.9]) {
    test(`of an autoregression with ${a} is (1 + a) / 2 (1 − a)`, () => {
      const chains = [1, 22, 333, 4444].map((seed) => autoregression(20_000, seed, a));
      const { value, error, window, meanError } = integratedAutocorrelationTime(chains);
      const exact = (1 + a) / (2 * (1 - a));
      assert.ok(Math.abs(value - exact) < 4 * error, `${value} ± ${error}, exact ${exact}`);
      assert.ok(error < 0.08 * exact);
      assert.ok(window > exact && window < 12 * exact + 6, `window ${window}`);
      // The variance of the mean of N values is 2τσ²/N with σ² = 1/12 / (1 − a²).
      assertClose([meanError], [Math.sqrt((2 * exact) / (12 * (1 - a * a)) / 80_000)], { relative: 0.06 });
    });
  }

  test("one chain may be given as it is", () => {
    const chain = autoregression(2000, 5, 0.5);
    assert.deepEqual(integratedAutocorrelationTime(chain), integratedAutocorrelationTime([chain]));
  });

  test("chains that are too short, unequal or constant are refused", () => {
    assert.throws(() => integratedAutocorrelationTime([1, 2, 3]), /at least 8; got 3/);
    assert.throws(() => integratedAutocorrelationTime([new Float64Array(9), new Float64Array(8)]), /got 9, 8/);
    assert.throws(() => integratedAutocorrelationTime(new Float64Array(10)), /variance 0/);
  });
});

test("R-hat and effective sample size are ArviZ's", () => {
  const alike = [1, 22, 333, 4444].map((seed) => autoregression(500, seed, 0.7));
  const shifted = alike.map((chain, i) => (i === 2 ? chain.map((x) => x + 0.5) : chain));
  // arviz.rhat(chains, method="split"), arviz.ess(chains, method="mean")
  assertClose([splitRHat(alike), splitRHat(shifted)], [1.0166452581713963, 1.1806554383728765], { relative: 1e-12 });
  const sizes = [effectiveSampleSize(alike), effectiveSampleSize(shifted)];
  assertClose(sizes, [367.67703815894686, 16.75387848863087], { relative: 1e-10 });
  assert.throws(() => splitRHat([[1, 2, 3]]), /at least 4; got 3/);
});
