import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { orderOfStores } from "../../src/compile/wasm/joined-vectors.js";

describe("the order in which a turn's vectors are stored", () => {
  const place = (row: number, vector: number) => ({ pointers: new Map<string, number>(), row, vector, lanesLeft: 4 });

  it("has the second of two neighbours first, row by row", () => {
    const places = [place(0, 2), place(0, 3), place(1, 2), place(1, 3)];
    assert.deepEqual(orderOfStores(places), [1, 0, 3, 2]);
  });

  it("goes through a row of any length from its end", () => {
    assert.deepEqual(orderOfStores([place(0, 0), place(0, 1), place(0, 2)]), [2, 1, 0]);
  });
});
