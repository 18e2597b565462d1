import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../support/run.js";
import { temporaryFolder } from "../support/temporary-folder.js";

test("the packed package installs into an empty folder, and its command into a Jupyter", async (context) => {
  const folder = await temporaryFolder(context);
  const packed = await run("npm", ["pack", "--pack-destination", folder]);
  assert.equal(packed.status, 0, packed.output);
  const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
  assert.ok(tarball);

  const options = { cwd: folder, env: { npm_config_audit: "false", npm_config_prefer_offline: "true" } };
  const installed = await run("npm", ["install", join(folder, tarball)], options);
  assert.equal(installed.status, 0, installed.output);
  const root = join(folder, "node_modules", "phasebook");
  const files = await readdir(root, { recursive: true });
  assert.ok(files.includes(join("extension", "labextension", "package.json")), "the built extension is there");
  assert.ok(files.includes(join("dist", "views", "dom", "figure-widget.bundle.js")), "what figures carry is there");
  assert.deepEqual(
    files.filter((name) => /\.test\.|^dist.(tests|bench)|tsbuildinfo|\.map$/.test(name)),
    [],
  );

  const prefix = join(folder, "prefix");
  const command = await run("npx", ["--no-install", "phasebook", "install", "--prefix", prefix], options);
  assert.equal(command.status, 0, command.output);
  const spec = await readFile(join(prefix, "share", "jupyter", "kernels", "phasebook", "kernel.json"), "utf8");
  assert.ok((JSON.parse(spec) as { argv: string[] }).argv.some((argument) => argument.startsWith(root)));
});
