/** V8 optimises a program's functions before anyone calls them, on every Node that is installed. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { installedNodes } from "./installed-nodes.js";

const SCRIPT = fileURLToPath(new URL("compiled-only.js", import.meta.url));

for (const [version, path] of installedNodes()) {
  test(`${version} optimises a module that nobody has called`, { timeout: 60_000 }, async () => {
    const child = spawn(path, ["--trace-wasm-compilation-times", SCRIPT], { stdio: ["ignore", "pipe", "inherit"] });
    const optimized = new Set<string>();
    let functions: number | undefined;
    for await (const line of createInterface({ input: child.stdout })) {
      const total = /^functions: (\d+)/.exec(line)?.[1];
      if (total) functions = Number(total);
      const number = /#(\d+) using TurboFan/.exec(line)?.[1];
      if (number) optimized.add(number);
      if (optimized.size === functions) break;
    }
    child.kill();
    assert.ok(functions! > 5, `there are ${functions} functions`);
    assert.equal(optimized.size, functions);
  });
}
