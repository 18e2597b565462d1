import assert from "node:assert/strict";
import { chmod, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { venvPython } from "../support/paths.js";
import { type Outcome, runNode } from "../support/run.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { fakeCheckout, PATIENT_NPM, pythonWith } from "./fake-checkout.js";

/** Nobody listens on this port of the loopback interface: a registry that cannot be reached. */
const DEAD = "http://127.0.0.1:9/";
const NO_NETWORK = {
  ...{ npm_config_registry: DEAD, npm_config_fetch_retries: "0", npm_config_loglevel: "error" },
  ...{ PIP_INDEX_URL: DEAD, PIP_RETRIES: "1", PIP_NO_INDEX: "0", PIP_FIND_LINKS: "", PIP_CONFIG_FILE: "/dev/null" },
  PYTHONPYCACHEPREFIX: "", // the environment that is made goes with the test
};

function assertExplains({ status, output }: Outcome, message: RegExp): void {
  assert.match(output, message);
  assert.doesNotMatch(output, /^\s+at /m, "no stack trace");
  assert.equal(status, 1);
}

test("an old Node is refused", async (context) => {
  const cwd = await fakeCheckout(context);
  const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.8" } })`;
  const outcome = await runNode(["--import", `data:text/javascript,${pretend}`, "scripts/setup.mjs"], { cwd });
  assertExplains(outcome, /Node 18\.20\.8 is too old: install Node 20 or later/);
});

test("no Python, an old one, one without venv, and a wrong PYTHON are told apart", async (context) => {
  const cwd = await fakeCheckout(context);
  const setup = (env: NodeJS.ProcessEnv): Promise<Outcome> =>
    runNode(["scripts/setup.mjs"], { cwd, env: { PYTHON: "", npm_execpath: PATIENT_NPM, ...env } });
  const cases = [
    { env: { PATH: await temporaryFolder(context) }, message: /No Python was found on the PATH: install Python 3\.10/ },
    { env: { PYTHON: "/nowhere/python3" }, message: /PYTHON=\/nowhere\/python3 is not a Python that runs/ },
    {
      env: { PATH: await pythonWith(context, venvPython, "sys.version_info = (3, 8, 18)") },
      message: /Python 3\.8\.18 at .* is too old: install Python 3\.10 or later \(Debian.*apt-get install/,
    },
    {
      env: { PATH: await pythonWith(context, venvPython, 'sys.modules["ensurepip"] = None') },
      message: /Python 3\.\d+ at .* lacks venv: `apt-get install python3\.\d+-venv`/,
    },
  ];
  for (const { env, message } of cases) assertExplains(await setup(env), message);
});

test("npm and pip without network are explained", async (context) => {
  const cwd = await fakeCheckout(context);
  const cache = await temporaryFolder(context);
  const env = { ...NO_NETWORK, npm_config_cache: cache, PIP_CACHE_DIR: cache };
  const setup = (call: string): Promise<Outcome> =>
    runNode(
      [
        "--input-type=module",
        "--eval",
        `import { main } from "./scripts/lib/main.mjs"; main(async () => { ${call} });`,
      ],
      { cwd, env },
    );
  const npm = 'await (await import("./scripts/lib/npm-packages.mjs")).installPackages({ withExtension: false });';
  assertExplains(await setup(npm), /No network: npm could not reach its package registry; check the connection/);
  const pip = 'await (await import("./scripts/lib/venv.mjs")).makeVenv(["jupyter-config/requirements.txt"]);';
  assertExplains(await setup(pip), /No network: pip could not reach its package registry; check the connection/);
});

test("a folder without write permission is named", async (context) => {
  const cwd = await fakeCheckout(context);
  await chmod(cwd, 0o555);
  context.after(() => chmod(cwd, 0o755).catch(() => rm(cwd, { force: true })));
  // Permission bits do not bind root, so root lets somebody else try.
  const uid = process.getuid?.() === 0 ? { uid: 65534 } : {};
  const outcome = await runNode(["scripts/setup.mjs"], { cwd, ...uid });
  assertExplains(outcome, new RegExp(`No write permission in ${cwd}/?: make it writable`));
});

test("a port that is taken or is none is refused before anything is installed", async (context) => {
  const cwd = await fakeCheckout(context);
  const server = createServer().listen(0, "127.0.0.1");
  context.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const start = (...args: string[]): Promise<Outcome> => runNode(["scripts/start.mjs", ...args], { cwd });
  const taken = new RegExp(`^\\nPort ${port} is taken by another program`);
  assertExplains(await start("--ip=127.0.0.1", "--port", String(port)), taken);
  assertExplains(await start("--ip", "127.0.0.1", `--port=${port}`), taken);
  assertExplains(await start("--port", "99999"), /^\n--port 99999 is not a port: give a number from 0 to 65535/);
});

test("a setup that is complete does nothing", async () => {
  const { status, output } = await runNode(["scripts/setup.mjs"], { env: { PHASEBOOK_NODE: process.execPath } });
  assert.equal(status, 0, output);
  assert.doesNotMatch(output, /…/, "a step was done again");
});
