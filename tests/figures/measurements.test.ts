import assert from "node:assert/strict";
import { test } from "node:test";
import { grid } from "../../src/ensemble/index.js";
import { figure, measurements } from "../../src/figures/index.js";

const members = grid({ kind: [0, 1], seed: [0, 1, 2] });

test("values over a grid are drawn like those of a training", () => {
  const steps = [1, 2];
  const source = measurements(members, {
    metrics: { energy: [1, 2, 3, 4, 5, 6] },
    curves: { growth: { steps, values: Float64Array.from({ length: 12 }, (_, i) => i + 1) } },
    categories: { kind: ["ordered", "chaotic"] },
  });
  const { payload } = figure(source, {
    views: [
      { type: "phase-diagram", x: "kind", y: "seed", color: "energy" },
      { type: "curves", metric: "growth", color: "kind" },
    ],
  });
  assert.deepEqual(
    payload.columns.map(({ name, role, categories }) => [name, role, categories]),
    [
      ["kind", "hyperparameter", ["ordered", "chaotic"]],
      ["seed", "hyperparameter", undefined],
      ["growth", "metric", undefined],
      ["energy", "metric", undefined],
    ],
  );
  assert.deepEqual(Array.from(source.columns[2]!.values), [2, 4, 6, 8, 10, 12]);
});

test("values that are not one for each member are refused by name", () => {
  assert.throws(() => measurements(members, { metrics: { energy: [1] } }), /"energy" has 1 values for 6 members/);
  const curves = { growth: { steps: [1, 2], values: [1] } };
  assert.throws(() => measurements(members, { curves }), /"growth" have 1 values for 6 members and 2 points/);
});
