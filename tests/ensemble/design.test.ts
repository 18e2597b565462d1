/** Sampling designs against SciPy 1.17 and against what defines them. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { latinHypercube, logUniform, product, sobol, uniform, grid, seeds } from "../../src/ensemble/index.js";
import { assertClose } from "../support/close.js";

const unit = uniform(0, 1);
const names = (count: number) => Array.from({ length: count }, (_, i) => `x${i}`);
const cube = (dimensions: number) => Object.fromEntries(names(dimensions).map((name) => [name, unit]));

/** scipy.stats.qmc.Sobol(16, scramble=False).random(1024)[1000] */
const POINT_1000 = [
  0.2197265625, 0.0966796875, 0.5185546875, 0.6767578125, 0.2802734375, 0.9072265625, 0.0458984375, 0.8994140625,
  0.5009765625, 0.0693359375, 0.0849609375, 0.2548828125, 0.1611328125, 0.3837890625, 0.1435546875, 0.3701171875,
];

/** Whether each of `count` equal intervals holds one value. */
const isStratified = (values: Float64Array) =>
  new Set(values.map((value) => Math.floor(value * values.length))).size === values.length;

suite("Sobol designs", () => {
  test("without scrambling they are SciPy's points", () => {
    const { values } = sobol(cube(16), 1024, { scramble: false });
    assertClose(
      names(16).map((name) => values[name]![1000]!),
      POINT_1000,
      {},
    );
    // scipy.stats.qmc.Sobol(3, scramble=False).random(8)
    const first = [
      0, 0, 0, 0.5, 0.5, 0.5, 0.75, 0.25, 0.25, 0.25, 0.75, 0.75, 0.375, 0.375, 0.625, 0.875, 0.875, 0.125,
    ];
    const points = Array.from({ length: 6 }, (_, i) => names(3).map((name) => values[name]![i]!));
    assertClose(points.flat(), first, {});
  });

  test("scrambling keeps every coordinate and every pair of the first two stratified", () => {
    const { values } = sobol(cube(16), 256, { seed: 7 });
    for (const name of names(16)) assert.ok(isStratified(values[name]!), name);
    const cells = Array.from(values["x0"]!, (x, i) => 16 * Math.floor(16 * x) + Math.floor(16 * values["x1"]![i]!));
    assert.equal(new Set(cells).size, 256);
  });

  test("a seed gives one design, fewer members are the first of more", () => {
    const [few, many, other] = [sobol(cube(4), 8), sobol(cube(4), 32), sobol(cube(4), 8, { seed: 1 })];
    assert.deepEqual(many.values["x3"]!.slice(0, 8), few.values["x3"]);
    assert.notDeepEqual(other.values["x3"], few.values["x3"]);
  });

  test("the mean over scramblings is unbiased and far more exact than random points", () => {
    const exact = 1 / 3;
    const errors = Array.from({ length: 20 }, (_, seed) => {
      const { values } = sobol({ x: unit, y: unit }, 64, { seed });
      return values.x.reduce((sum, x, i) => sum + x * x * 2 * values.y[i]!, 0) / 64 - exact;
    });
    const root = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
    assert.ok(root < 0.01, `root mean square error ${root}; 64 random points have 0.06`);
    assert.ok(Math.abs(errors.reduce((a, b) => a + b) / errors.length) < (4 * root) / Math.sqrt(errors.length));
  });
});

test("a Latin hypercube has one value in each of as many intervals, in another order for each", () => {
  const { values, count } = latinHypercube({ x: unit, y: unit, rate: logUniform(1e-4, 1) }, 50, { seed: 3 });
  const places = (shares: Float64Array) => Array.from(shares, (share) => Math.floor(share * count));
  assert.equal(count, 50);
  for (const shares of [values.x, values.y, values.rate.map((rate) => 1 + Math.log10(rate) / 4)]) {
    assert.deepEqual(
      places(shares).sort((a, b) => a - b),
      seeds(50),
    );
  }
  assert.notDeepEqual(places(values.x), places(values.y));
});

test("designs combine with grids", () => {
  const members = product(sobol({ learningRate: logUniform(1e-4, 1e-1) }, 16), grid({ seed: seeds(4) }));
  assert.equal(members.count, 64);
  assert.deepEqual([...members.values.seed.slice(0, 5)], [0, 1, 2, 3, 0]);
});

test("misuse is refused by name", () => {
  assert.throws(() => sobol({}, 8), /sobol: there are no hyperparameters/);
  assert.throws(() => latinHypercube({ x: unit }, 0), /latinHypercube takes a positive number of values, got 0/);
  assert.throws(() => sobol(cube(17), 8), /sobol has 16 dimensions, got 17/);
  assert.throws(() => uniform(1, 1), /uniform takes finite ends low < high, got 1 and 1/);
  assert.throws(() => uniform(0, Infinity), /got 0 and Infinity/);
  assert.throws(() => logUniform(0, 1), /0 < low < high, got 0 and 1/);
  assert.throws(() => sobol({ x: () => NaN }, 8), /The distribution of "x" gives NaN/);
  assert.throws(() => sobol({ x: unit }, 8, { seed: -1 }), /A seed is an integer/);
});
