import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { fromRoot } from "../support/paths.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/** Seconds that a later `npm start` may take until JupyterLab answers: some on a quiet machine, a first start takes minutes. */
const LATER_START = 90;

interface Started {
  child: ChildProcess;
  url: URL;
  output: () => string;
}

/** Runs `npm start`'s script and waits for the address that it prints. */
async function start(context: TestContext, ...options: string[]): Promise<Started> {
  const home = await temporaryFolder(context);
  await mkdir(join(home, "notebooks"));
  const child = spawn(process.execPath, ["scripts/start.mjs", "--no-browser", ...options], {
    cwd: fromRoot("."),
    env: { ...process.env, JUPYTER_CONFIG_DIR: join(home, "config"), JUPYTER_DATA_DIR: join(home, "data") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  context.after(() => child.kill("SIGTERM"));
  const lines: string[] = [];
  const url = await new Promise<URL>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on("line", (line) => {
        lines.push(line);
        const address = /^JupyterLab is at (\S+)$/.exec(line)?.[1];
        if (address) resolve(new URL(address));
      });
    }
    child.once("close", () => reject(new Error(`No address was printed:\n${lines.join("\n")}`)));
  });
  return { child, url, output: () => lines.join("\n") };
}

test("a later start has JupyterLab with kernel and notebooks in seconds, and Ctrl-C stops it", async (context) => {
  const begin = performance.now();
  const { child, url, output } = await start(context);
  assert.equal((await fetch(url)).status, 200);
  const seconds = (performance.now() - begin) / 1000;
  assert.ok(seconds < LATER_START, `it took ${seconds.toFixed(1)} s`);

  const api = async (path: string): Promise<unknown> => (await fetch(new URL(`/api/${path}${url.search}`, url))).json();
  const { kernelspecs } = (await api("kernelspecs")) as { kernelspecs: Record<string, unknown> };
  assert.ok("phasebook" in kernelspecs);
  const { content } = (await api("contents/")) as { content: { name: string }[] };
  assert.ok(
    content.some(({ name }) => name.endsWith(".ipynb")),
    "it shows the notebooks",
  );

  const ended = once(child, "close");
  child.kill("SIGINT");
  assert.deepEqual(await ended, [0, null], output());
  await assert.rejects(fetch(url), "JupyterLab has ended, too");
});

test("options go to JupyterLab, and the port that is really used is printed", async (context) => {
  const first = await start(context, "--port", "0", "--ServerApp.token=secret");
  assert.equal(first.url.searchParams.get("token"), "...", "JupyterLab hides a token that was given to it");
  const { port } = first.url;
  assert.notEqual(port, "0");
  assert.equal((await fetch(`http://localhost:${port}/api/contents?token=secret`)).status, 200);
});
