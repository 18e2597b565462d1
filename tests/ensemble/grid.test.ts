import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, linspace, logspace, pick, product, seeds, zip } from "../../src/ensemble/grid.js";

test("a grid has a member for each combination, the last axis fastest", () => {
  const members = grid({ learningRate: [0.1, 0.01], seed: [5, 6, 7] });
  assert.equal(members.count, 6);
  assert.deepEqual([...members.values.learningRate], [0.1, 0.1, 0.1, 0.01, 0.01, 0.01]);
  assert.deepEqual([...members.values.seed], [5, 6, 7, 5, 6, 7]);
});

test("lists are zipped, grids multiplied, members picked", () => {
  const pairs = zip({ width: [8, 16], learningRate: [0.1, 0.01] });
  assert.deepEqual([pairs.count, ...pairs.values.width, ...pairs.values.learningRate], [2, 8, 16, 0.1, 0.01]);
  const all = product(pairs, grid({ seed: seeds(2) }));
  assert.deepEqual([...all.values.width], [8, 8, 16, 16]);
  assert.deepEqual([...all.values.seed], [0, 1, 0, 1]);
  assert.deepEqual([...pick(all, [3, 0]).values.learningRate], [0.01, 0.1]);
  assert.throws(() => zip({ a: [1, 2], b: [1] }), /zip: "a" has 2 values, "b" has 1/);
  assert.throws(() => product(pairs, grid({ width: [1] })), /product: both grids have "width"/);
});

test("logspace and linspace hit both ends exactly", () => {
  assert.deepEqual(linspace(0, 1, 5), [0, 0.25, 0.5, 0.75, 1]);
  const rates = logspace(1e-4, 1e-1, 4);
  assert.equal(rates[0], 1e-4);
  assert.equal(rates[3], 1e-1);
  assert.ok(Math.abs(rates[1]! - 1e-3) < 1e-15);
  assert.deepEqual(seeds(3, 10), [10, 11, 12]);
});

test("empty grids, empty axes and bad values are refused by name", () => {
  assert.throws(() => grid({}), /grid: there are no axes/);
  assert.throws(() => grid({ seed: [] }), /the axis "seed" is empty/);
  assert.throws(() => grid({ rate: [1, NaN] }), /value 1 of the axis "rate" is NaN/);
  assert.throws(
    () => grid({ rate: [1e39] }),
    /value 0 of the axis "rate" is 1e\+39; values are finite numbers of single/,
  );
  assert.throws(() => grid({ seed: [0, 0.5] }), /value 1 of the axis "seed" is 0.5; seeds are integers/);
  assert.throws(() => zip({ seed: [-1] }), /zip: value 0 of the axis "seed" is -1/);
  assert.throws(() => logspace(0, 1, 3), /logspace takes positive ends, got 0 and 1/);
  assert.throws(() => seeds(-1), /seeds takes a positive number of values, got -1/);
});
