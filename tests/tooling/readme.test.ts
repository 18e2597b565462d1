import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fromRoot } from "../support/paths.js";
import { runNode } from "../support/run.js";

const readme = readFileSync(fromRoot("README.md"), "utf8");
const manifest = JSON.parse(readFileSync(fromRoot("package.json"), "utf8")) as {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

test("the README's npm commands exist", () => {
  const builtIn = new Set(["install", "pack"]);
  const code = (readme.match(/```[^]*?```|`[^`]+`/g) ?? []).join("\n");
  const commands = [...code.matchAll(/\bnpm (?:run )?([a-z]+)/g)].map(([, name]) => name!);
  assert.ok(commands.includes("start") && commands.includes("test"));
  assert.deepEqual(
    commands.filter((name) => !(name in manifest.scripts) && !builtIn.has(name)),
    [],
  );
});

test("the README's phasebook commands exist", async () => {
  const { output } = await runNode([fromRoot("dist/cli/main.js"), "--help"]);
  const commands = [...readme.matchAll(/npx phasebook ([a-z]+)/g)].map(([, name]) => name!);
  assert.ok(commands.length > 0);
  for (const name of commands) assert.match(output, new RegExp(`^ {2}${name} `, "m"));
});

test("the README's links lead somewhere", () => {
  const targets = [...readme.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, target]) => target!);
  assert.deepEqual(
    targets.filter((target) => !existsSync(fromRoot(target))),
    [],
  );
});

test("packages are pinned, and the lockfile names no registry", () => {
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  assert.deepEqual(
    versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
    [],
  );
  const lockfile = readFileSync(fromRoot("package-lock.json"), "utf8");
  assert.deepEqual(lockfile.match(/"resolved": "[a-z+]+:.*/g) ?? [], []);
});
