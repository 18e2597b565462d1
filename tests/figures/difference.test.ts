import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeArray, inlineSink } from "../../src/figures/encode.js";
import { figureDifference } from "../../src/figures/index.js";
import type { FigurePayload } from "../../src/protocol.js";

type Packing = Parameters<typeof encodeArray>[1];

const payload = (values: readonly number[], packing: Packing) =>
  ({
    arrays: { x: encodeArray({ shape: [values.length], data: Float64Array.from(values) }, packing, inlineSink) },
  }) as unknown as FigurePayload;

/** The array's difference in units of its tolerance. */
function excess(before: readonly number[], after: readonly number[], packing: Packing = "exact"): number {
  const [{ largest, tolerance } = { largest: NaN, tolerance: NaN }] = figureDifference(
    payload(before, packing),
    payload(after, packing),
  );
  return largest / tolerance;
}

test("values may differ by single precision and by the steps of storage, and no more", () => {
  const values = Array.from({ length: 50 }, (_, i) => 10 ** (-6 + i / 10));
  const scaled = (factor: number) => values.map((value, i) => (i === 7 ? value * factor : value));
  for (const packing of ["exact", "linear", "log"] as const) assert.equal(excess(values, values, packing), 0);
  assert.ok(excess(values, scaled(1 + 1e-7)) < 1);
  assert.ok(excess(values, scaled(1.001), "log") > 1, "a small value on a logarithmic axis");
  assert.ok(excess(values, scaled(1 + 1e-5), "log") < 1);
  assert.ok(excess([0.5, 1.5], [0.5, 1.50001]) < 1);
  assert.ok(excess([0.5, 1.5], [0.5, 1.5001]) > 1);
});

test("whole numbers, missing values and shapes must be the same", () => {
  assert.ok(excess([1, 2, 3], [1, 2, 4]) > 1);
  assert.ok(excess([1.5, NaN], [1.5, NaN]) < 1);
  assert.equal(excess([1.5, NaN], [1.5, 2]), Infinity);
  assert.equal(excess([1.5], [1.5, 2]), Infinity);
  const without = { arrays: {} } as unknown as FigurePayload;
  assert.equal(figureDifference(payload([1], "exact"), without)[0]?.largest, Infinity);
});
