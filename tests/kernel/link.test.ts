/** Frames between the kernel's processes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeFrame, FrameReader } from "../../kernel/link/frames.js";

const frames = [
  { header: { type: "a", text: "é😀" }, parts: [] },
  { header: { type: "b" }, parts: [Uint8Array.of(1, 2, 3), new Uint8Array(0), new Uint8Array(70_000).fill(7)] },
  { header: {}, parts: [Uint8Array.of(9)] },
];
const bytes = Buffer.concat(frames.flatMap(({ header, parts }) => encodeFrame(header, parts)));

function read(chunks: Iterable<Buffer>): unknown[] {
  const reader = new FrameReader<object>();
  const result: unknown[] = [];
  for (const chunk of chunks) {
    for (const { header, parts } of reader.push(chunk))
      result.push({ header, parts: parts.map((part) => Uint8Array.from(part)) });
  }
  return result;
}

test("frames are the same however their bytes are split", () => {
  for (const size of [1, 2, 3, 7, 64, 4096, 65_536, bytes.length]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    assert.deepEqual(read(chunks), frames, `chunks of ${size} bytes`);
  }
});

test("bytes that cannot be a frame are refused", () => {
  assert.throws(() => read([Buffer.alloc(8)]), RangeError);
  assert.throws(() => read([Buffer.alloc(8, 0xff)]), RangeError);
});
