/** What is read off the curves and the diagram of an ensemble. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { firstReached, grid, phaseDistance } from "../../src/ensemble/index.js";

test("the first step at a level, and Infinity where it is never reached", () => {
  const curve = { steps: [10, 20, 30], values: [0, 0.9, 0.5, 0.95, 1, 1, 0, NaN, 0.89] };
  assert.deepEqual(firstReached(curve, 0.9), [20, 10, Infinity]);
});

test("distances are in steps of the grid, within one seed", () => {
  const members = grid({ rate: [1e-3, 1e-2, 1e-1], decay: [0, 5, 1], seed: [7, 8] });
  // Phase 2 is at the rate 0.001 and the decay 1 of seed 7 only; its neighbours are a step or a diagonal away.
  const phases = members.values.rate.map((rate, i) =>
    rate === 1e-3 && members.values.decay[i] === 1 && members.values.seed[i] === 7 ? 2 : 0,
  );
  const distance = phaseDistance(members, phases, 2, ["rate", "decay"]);
  const at = (rate: number, decay: number, seed: number) =>
    distance[
      members.values.seed.findIndex(
        (s, i) => s === seed && members.values.rate[i] === rate && members.values.decay[i] === decay,
      )
    ];
  assert.deepEqual([at(1e-3, 1, 7), at(1e-3, 0, 7), at(1e-3, 5, 7), at(1e-1, 1, 7)], [0, 1, 1, 2]);
  assert.equal(at(1e-2, 5, 7), Math.SQRT2);
  assert.equal(at(1e-3, 1, 8), Infinity);
  assert.throws(() => phaseDistance(members, [1], 2, ["rate"]), /1 phases for 18 members/);
  assert.throws(() => phaseDistance(members, phases, 2, ["width" as "rate"]), /no "width"; it has rate, decay, seed/);
});
