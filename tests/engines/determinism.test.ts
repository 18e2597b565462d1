/** The same bits whatever the number of threads and the order of members; in the plain mode on any Node, too. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { CpuEngine, type CpuEngineOptions } from "../../src/engines/index.js";
import { installedNodes } from "./installed-nodes.js";
import { hashOfTrainings } from "./plain-bits.js";

async function hashWith(options: CpuEngineOptions, order?: readonly number[]): Promise<string> {
  const engine = new CpuEngine(options);
  try {
    return await hashOfTrainings(engine, order);
  } finally {
    await engine.dispose();
  }
}

for (const deterministic of [false, true]) {
  test(`one, two and three threads and any order give the same bits${deterministic ? " in the plain mode" : ""}`, async () => {
    const hashes = [
      await hashWith({ threads: 1, deterministic }),
      await hashWith({ threads: 2, deterministic }),
      await hashWith({ threads: 3, deterministic }),
      await hashWith({ threads: 2, deterministic }, [3, 0, 4, 2, 1, 8, 6, 5, 7]),
    ];
    assert.deepEqual(
      hashes,
      hashes.map(() => hashes[0]),
    );
  });
}

test("the plain mode gives the same bits on every Node that is installed", (context) => {
  const nodes = installedNodes();
  if (nodes.size < 2) {
    context.skip(`only ${[...nodes.keys()].join()} found; PHASEBOOK_TEST_NODES may list others`);
    return;
  }
  const script = fileURLToPath(new URL("plain-bits.js", import.meta.url));
  const hashes = Array.from(nodes, ([version, path]) => [
    version,
    execFileSync(path, [script, "2"], { encoding: "utf8" }).trim(),
  ]);
  const [[, expected]] = hashes as [[string, string]];
  assert.deepEqual(
    hashes,
    hashes.map(([version]) => [version, expected]),
  );
});
