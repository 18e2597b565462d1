import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startJupyter } from "../support/jupyter.js";

test("a JupyterLab server answers on its own port and leaves nothing behind", async () => {
  const folder = await mkdtemp(join(tmpdir(), "phasebook-test-"));
  await writeFile(join(folder, "hello.txt"), "hello");
  const server = await startJupyter({ folder });
  try {
    const file = await server.api("contents/hello.txt");
    assert.equal(((await file.json()) as { content: string }).content, "hello");
    assert.equal((await fetch(`${server.url}/api/contents`)).status, 403, "the token is needed");
    assert.equal((await fetch(server.labUrl("hello.txt"))).status, 200);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
  await assert.rejects(fetch(server.url), "the port is closed");
  await assert.rejects(stat(server.home), { code: "ENOENT" });
});
