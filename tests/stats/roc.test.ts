import assert from "node:assert/strict";
import { test } from "node:test";
import { areaUnderROC } from "../../src/stats/index.js";
import { assertClose } from "../support/close.js";

test("the area counts pairs in the right order, ties half", () => {
  const [signal, background] = [
    [3, 1, 4, 1, 5],
    [2, 7, 1, 1],
  ];
  const pairs: number[] = signal.flatMap((s) => background.map((b) => (s > b ? 1 : s === b ? 0.5 : 0)));
  assertClose([areaUnderROC(signal, background)], [pairs.reduce((a, b) => a + b) / pairs.length], { relative: 1e-14 });
  assert.equal(areaUnderROC([5, 6], [1, 2, 3]), 1);
  assert.equal(areaUnderROC([1, 1], [1]), 0.5);
  assert.throws(() => areaUnderROC([], [1]), /both kinds, got 0 and 1/);
});
