/** What lies in a workgroup's memory, by its size: nothing more than fits, and what is used most often first. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { compileWgsl } from "../../src/compile/wgsl.js";
import { adamTraining } from "./networks.js";

const KIB = 1024;
const THREADS = 256;

const compiledFor = (widths: readonly number[], workgroupBytes: number) =>
  compileWgsl(adamTraining({ widths: [...widths], batch: 128, data: "shared" }).program, {
    threads: THREADS,
    workgroupBytes,
  });

for (const widths of [
  [2, 64, 64, 1],
  [3, 64, 2, 64, 3],
  [3, 8, 2, 8, 3],
]) {
  suite(`a training of ${widths.join("-")}`, () => {
    const sizes = [5, 16, 32, 48, 64, 1024].map((kib) => kib * KIB);
    const shaders = sizes.map((bytes) => compiledFor(widths, bytes));

    test("takes no more workgroup memory than there is", () => {
      shaders.forEach(({ workgroupBytes }, i) => assert.ok(workgroupBytes <= sizes[i]!, `${workgroupBytes} bytes`));
    });

    test("moves less through storage the more there is", () => {
      const traffic = shaders.map(({ work }) => work.storageBytes);
      assert.deepEqual(
        traffic,
        [...traffic].sort((a, b) => b - a),
      );
    });

    test("moves the same number of words wherever they lie", () => {
      const [least, most] = [shaders[0]!, shaders.at(-1)!].map(({ work }) => work.storageBytes + work.workgroupBytes);
      assert.equal(least, most);
    });

    test("has no scratch memory in storage where all fits", () => {
      assert.equal(shaders.at(-1)!.arenaBytes, 0);
      assert.ok(shaders[0]!.arenaBytes > 0);
    });
  });
}

test("has parameters near in 32 KiB, which saves a third of the traffic through storage", () => {
  const [far, near] = [5 * KIB, 32 * KIB].map((bytes) => compiledFor([2, 64, 64, 1], bytes).work.storageBytes);
  assert.ok(near! < (2 / 3) * far!, `${near} bytes of ${far}`);
});
