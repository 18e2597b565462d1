/** V8 optimises a program's functions before anyone calls them, on every Node that is installed. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { installedNodes } from "./installed-nodes.js";

const SCRIPT = fileURLToPath(new URL("compiled-only.js", import.meta.url));
/** How long V8 is given, one after the other until it is enough. It prints what it has done when the process ends. */
const MILLISECONDS = [300, 3000, 30_000];

for (const [version, path] of installedNodes()) {
  test(`${version} optimises a module that nobody has called`, () => {
    for (const given of MILLISECONDS) {
      const { stdout, stderr } = spawnSync(path, ["--trace-wasm-compilation-times", SCRIPT, `${given}`], {
        encoding: "utf8",
      });
      const functions = Number(stderr);
      assert.ok(functions > 5, `there are ${stderr} functions`);
      const optimized = new Set(Array.from(stdout.matchAll(/#(\d+) using TurboFan/g), ([, number]) => number));
      if (optimized.size === functions) return;
    }
    assert.fail("some functions have not been optimised");
  });
}
