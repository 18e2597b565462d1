/** Diagnostics by ranks against ArviZ 0.22 (arviz.rhat, arviz.ess), quantiles against SciPy (scipy.stats.norm.ppf). */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  bulkEffectiveSampleSize,
  normalQuantile,
  rankNormalizedRHat,
  splitRHat,
  tailEffectiveSampleSize,
} from "../../src/stats/index.js";
import { assertClose } from "../support/close.js";
import { autoregression } from "./autoregression.js";

const ALIKE = [1, 22, 333, 4444].map((seed) => autoregression(500, seed, 0.7));
const CASES: readonly [name: string, chains: Float64Array[], rHat: number, bulk: number, tail: number][] = [
  ["that agree", ALIKE, 1.0165092098870998, 365.6262231950985, 655.4519469302552],
  [
    "of which one has another mean",
    ALIKE.map((chain, i) => (i === 2 ? chain.map((x) => x + 0.5) : chain)),
    1.1756931060947295,
    17.231928232581883,
    41.87737877396207,
  ],
  [
    "of which one has another width",
    ALIKE.map((chain, i) => (i === 1 ? chain.map((x) => 3 * x) : chain)),
    1.150387186635555,
    384.83021188739514,
    32.852657893046725,
  ],
];

suite("diagnostics of chains", () => {
  for (const [name, chains, rHat, bulk, tail] of CASES) {
    test(name, () => {
      assertClose([rankNormalizedRHat(chains)], [rHat], { relative: 1e-12 });
      const sizes = [bulkEffectiveSampleSize(chains), tailEffectiveSampleSize(chains)];
      assertClose(sizes, [bulk, tail], { relative: 1e-10 });
    });
  }

  test("do not change with the scale that is measured in, whatever its moments", () => {
    const heavy = ALIKE.map((chain) => chain.map((x) => Math.tan((Math.PI * x) / 2.9)));
    const all = [rankNormalizedRHat, bulkEffectiveSampleSize, tailEffectiveSampleSize];
    assertClose(
      all.map((of) => of(heavy)),
      all.map((of) => of(ALIKE)),
      { relative: 1e-12 },
    );
    assert.ok(Math.abs(splitRHat(heavy) - splitRHat(ALIKE)) > 1e-4);
  });

  test("chains that are too short or unequal are refused", () => {
    assert.throws(() => rankNormalizedRHat([[1, 2, 3]]), /at least 4; got 3/);
    assert.throws(() => bulkEffectiveSampleSize([[1, 2, 3, 4]]), /at least 8; got 4/);
    assert.throws(() => tailEffectiveSampleSize([new Float64Array(9), new Float64Array(8)]), /got 9, 8/);
  });
});

test("quantiles of the normal distribution", () => {
  const table: readonly [probability: number, quantile: number][] = [
    [0, -Infinity],
    [1e-300, -37.0470962993612],
    [1e-10, -6.361340902404056],
    [0.01, -2.3263478740408408],
    [0.07, -1.4757910281791706],
    [0.3, -0.5244005127080409],
    [0.5, 0],
    [0.93, 1.475791028179171],
    [0.999999, 4.753424308817087],
    [1, Infinity],
    [1.1, NaN],
    [NaN, NaN],
  ];
  for (const [probability, expected] of table) {
    assertClose([normalQuantile(probability)], [expected], { relative: 1e-15 }, `at ${probability}`);
  }
});
