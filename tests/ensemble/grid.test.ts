import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, linspace, logspace, seeds } from "../../src/ensemble/grid.js";

test("a grid has a member for each combination, the last axis fastest", () => {
  const members = grid({ learningRate: [0.1, 0.01], seed: [5, 6, 7] });
  assert.equal(members.count, 6);
  assert.deepEqual([...members.values.learningRate], [0.1, 0.1, 0.1, 0.01, 0.01, 0.01]);
  assert.deepEqual([...members.values.seed], [5, 6, 7, 5, 6, 7]);
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
  assert.throws(() => logspace(0, 1, 3), /logspace takes positive ends, got 0 and 1/);
  assert.throws(() => seeds(-1), /seeds takes a positive number of values, got -1/);
});
