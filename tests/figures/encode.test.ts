import assert from "node:assert/strict";
import { test } from "node:test";
import { BufferSink, encodeArray, inlineSink } from "../../src/figures/encode.js";
import { decodeArray } from "../../views/index.js";

const wave = Float32Array.from({ length: 5000 }, (_, i) => 40 * Math.sin(i / 7) + i / 100);

test("16-bit codes keep a linear array within half a step", () => {
  const decoded = decodeArray(encodeArray({ shape: [50, 100], data: wave }, "linear", inlineSink));
  assert.deepEqual(decoded.shape, [50, 100]);
  const range = Math.max(...wave) - Math.min(...wave);
  const worst = Math.max(...wave.map((value, i) => Math.abs(value - (decoded.values[i] ?? NaN))));
  assert.ok(worst <= range / 131_068 + 1e-5, `${worst} of ${range}`); // 1e-5: float32's own rounding at 90
});

test("logarithmic codes keep ten decades to 0.02 %", () => {
  const data = Float32Array.from({ length: 4001 }, (_, i) => 10 ** (-8 + i / 400));
  const encoded = encodeArray({ shape: [4001], data }, "log", inlineSink);
  const { values } = decodeArray(encoded);
  const worst = Math.max(...data.map((value, i) => Math.abs((values[i] ?? NaN) / value - 1)));
  assert.ok(worst < 2e-4, String(worst));
  assert.equal(encoded.base64?.length, Math.ceil((2 * 4001) / 3) * 4);
});

test("missing and infinite values come back as missing, whatever the packing", () => {
  const data = Float32Array.of(1, NaN, 2, Infinity);
  for (const packing of ["linear", "log"] as const) {
    const { values } = decodeArray(encodeArray({ shape: [4], data }, packing, inlineSink));
    assert.deepEqual([...values].map(Number.isNaN), [false, true, false, true]);
    assert.ok(Math.abs((values[0] ?? 0) - 1) < 1e-6 && Math.abs((values[2] ?? 0) - 2) < 1e-6);
  }
});

test("an array of one value, of none, and of nothing but missing ones", () => {
  for (const data of [Float32Array.of(3, 3, 3), new Float32Array(0), Float32Array.of(NaN, NaN)]) {
    const { values } = decodeArray(encodeArray({ shape: [data.length], data }, "log", inlineSink));
    assert.deepEqual([...values], [...data]);
  }
});

test("values that a logarithm would lose travel exactly", () => {
  const data = Float32Array.of(0, 0.1, -1);
  const encoded = encodeArray({ shape: [3], data }, "log", inlineSink);
  assert.equal(encoded.quantised, undefined);
  assert.deepEqual([...decodeArray(encoded).values], [...data]);
});

test("exact arrays are little-endian on the wire and copied", () => {
  const data = Float64Array.of(1, -2.5);
  const sink = new BufferSink();
  const encoded = encodeArray({ shape: [2], data }, "exact", sink);
  data[0] = 99;
  assert.deepEqual(encoded, { type: "float64", shape: [2], buffer: 0 });
  assert.equal(Buffer.from(sink.buffers[0] ?? []).readDoubleLE(0), 1);
  assert.equal(Buffer.from(sink.buffers[0] ?? []).readDoubleLE(8), -2.5);
  assert.deepEqual([...decodeArray(encoded, sink.buffers).values], [1, -2.5]);
  assert.throws(() => decodeArray(encoded), /buffer 0, but 0 came along/);
});
