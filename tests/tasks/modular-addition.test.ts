import assert from "node:assert/strict";
import { test } from "node:test";
import { modularAdditionTask } from "../../src/tasks/index.js";

test("the table of a prime is a Latin square, commutative, with 0 that changes nothing", () => {
  const { p, count, pairs, sum } = modularAdditionTask(7);
  assert.equal(count, 49);
  assert.equal(new Set(pairs.map(String)).size, 49);
  const table = new Map(pairs.map(([i, j], k) => [`${i},${j}`, sum[k]!]));
  for (let i = 0; i < p; i++) {
    const row = Array.from({ length: p }, (_, j) => table.get(`${i},${j}`)!);
    assert.deepEqual([...row].sort(), [0, 1, 2, 3, 4, 5, 6]);
    assert.deepEqual(
      row,
      Array.from({ length: p }, (_, j) => table.get(`${j},${i}`)),
    );
    assert.equal(table.get(`${i},0`), i);
  }
  assert.equal(table.get("5,4"), 2);
  assert.throws(() => modularAdditionTask(1), /at least 2, got 1/);
});
