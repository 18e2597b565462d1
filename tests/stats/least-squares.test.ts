import assert from "node:assert/strict";
import { test } from "node:test";
import { leastSquares } from "../../src/stats/index.js";
import { assertClose } from "../support/close.js";

test("Longley's macroeconomic data: NIST's certified coefficients and R²", () => {
  // https://www.itl.nist.gov/div898/strd/lls/data/LINKS/DATA/Longley.dat, condition number 5·10⁹
  const employed = [
    60323, 61122, 60171, 61187, 63221, 63639, 64989, 63761, 66019, 67857, 68169, 66513, 68655, 69564, 69331, 70551,
  ];
  const table = [
    [83, 88.5, 88.2, 89.5, 96.2, 98.1, 99, 100, 101.2, 104.6, 108.4, 110.8, 112.6, 114.2, 115.7, 116.9],
    [
      234289, 259426, 258054, 284599, 328975, 346999, 365385, 363112, 397469, 419180, 442769, 444546, 482704, 502601,
      518173, 554894,
    ],
    [2356, 2325, 3682, 3351, 2099, 1932, 1870, 3578, 2904, 2822, 2936, 4681, 3813, 3931, 4806, 4007],
    [1590, 1456, 1616, 1650, 3099, 3594, 3547, 3350, 3048, 2857, 2798, 2637, 2552, 2514, 2572, 2827],
    [
      107608, 108632, 109773, 110929, 112075, 113270, 115094, 116219, 117388, 118734, 120445, 121950, 123366, 125368,
      127852, 130081,
    ],
    Array.from({ length: 16 }, (_, i) => 1947 + i),
  ];
  const { coefficients, determination, residuals } = leastSquares([employed.map(() => 1), ...table], [employed]);
  const certified = [
    -3482258.63459582, 15.0618722713733, -0.035819179292591, -2.02022980381683, -1.03322686717359, -0.0511041056535807,
    1829.15146461355,
  ];
  assertClose(coefficients[0]!, certified, { relative: 1e-6 });
  assertClose(determination, [0.995479004577296], { relative: 1e-9 });
  assertClose(residuals, [836424.055505915], { relative: 1e-6 });
});

test("several responses are fitted each for itself", () => {
  const x = [0, 1, 2, 3, 4];
  const { coefficients, determination } = leastSquares([x.map(() => 1), x], [x.map((t) => 3 - 2 * t), [1, 0, 0, 0, 1]]);
  assertClose(coefficients[0]!, [3, -2], { absolute: 1e-12 });
  assertClose(coefficients[1]!, [0.4, 0], { absolute: 1e-12 });
  assertClose(determination, [1, 0], { absolute: 1e-12 });
});

test("what cannot be fitted is said", () => {
  assert.throws(() => leastSquares([[1, 1, 1]], [[1, 2]]), /lengths 3, 2/);
  assert.throws(
    () =>
      leastSquares(
        [
          [1, 1, 1],
          [2, 2, 2],
        ],
        [[1, 2, 3]],
      ),
    /linearly dependent/,
  );
  assert.throws(() => leastSquares([[1], [2]], [[1]]), RangeError);
});
