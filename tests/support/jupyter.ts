/**
 * A real JupyterLab for tests: the one in `.venv`, on a free loopback port, with configuration, data, runtime, settings
 * and workspace folders of its own, so that neither the user's Jupyter nor another test can be seen or touched.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fromRoot, venvPython } from "./paths.js";

export interface JupyterOptions {
  /** Folder that JupyterLab shows; the project's notebooks when left out. */
  folder?: string;
  /** Further options of the command line, such as `--LabApp.collaborative=True`. */
  args?: string[];
  /** Environment variables on top of this process's own. */
  env?: NodeJS.ProcessEnv;
  /** How long the server may take to answer, in milliseconds. */
  timeout?: number;
}

export interface JupyterServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  /** Folder with the temporary configuration; gone after {@link JupyterServer.stop}. */
  readonly home: string;
  /** Address to open a notebook at, `path` relative to the folder: no dialog on the way in, and the layout is reset. */
  labUrl(path?: string): string;
  /** Calls the REST interface: `api("contents/a.ipynb")`. */
  api(path: string, init?: Omit<RequestInit, "headers">): Promise<Response>;
  /** All that the server has logged. */
  log(): string;
  /** Ends the server and its kernels, and removes the temporary folders. Safe to call twice. */
  stop(): Promise<void>;
}

/** Starts JupyterLab and resolves once it answers; rejects with its log when it ends before or takes too long. */
export async function startJupyter(options: JupyterOptions = {}): Promise<JupyterServer> {
  const { folder = fromRoot("notebooks"), args = [], env = {}, timeout = 120_000 } = options;
  if (!existsSync(venvPython)) throw new Error(`No JupyterLab at ${venvPython}: run \`npm run setup\` first.`);
  const home = await mkdtemp(join(tmpdir(), "phasebook-jupyter-"));
  const child = spawn(venvPython, [...jupyterArguments(folder, home), ...args], {
    env: { ...process.env, ...isolatedFolders(home), ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const log: string[] = [];
  const stop = async (): Promise<void> => {
    await endProcess(child);
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const address = new URL(await firstAddress(child, log, timeout));
    await untilItAnswers(address);
    return serverAt(address, { home, log: () => log.join("\n"), stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

function jupyterArguments(folder: string, home: string): string[] {
  return [
    ...["-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--ServerApp.port=0"],
    ...[`--ServerApp.root_dir=${folder}`, "--LabApp.news_url=", "--LabApp.check_for_updates_class=" + NEVER_CHECK],
    `--LabServerApp.user_settings_dir=${join(home, "settings")}`,
    `--LabServerApp.workspaces_dir=${join(home, "workspaces")}`,
  ];
}

const NEVER_CHECK = "jupyterlab.handlers.announcements.NeverCheckForUpdate";

function isolatedFolders(home: string): NodeJS.ProcessEnv {
  return {
    JUPYTER_CONFIG_DIR: join(home, "config"),
    JUPYTER_DATA_DIR: join(home, "data"),
    JUPYTER_RUNTIME_DIR: join(home, "runtime"),
    IPYTHONDIR: join(home, "ipython"),
  };
}

/** The address that the server prints, with the token, right after "is running at:". */
async function firstAddress(child: ChildProcess, log: string[], timeout: number): Promise<string> {
  const { promise, resolve, reject } = deferred<string>();
  const fail = (what: string): void => reject(new Error(`JupyterLab ${what}. Its log:\n${log.join("\n")}`));
  const timer = setTimeout(() => fail(`did not answer within ${timeout} ms`), timeout);
  child.once("error", (error) => fail(`could not be started: ${error.message}`));
  child.once("close", (code, signal) => fail(`ended with ${signal ?? `exit status ${code}`} before it answered`));
  if (child.stderr) {
    createInterface(child.stderr).on("line", (line) => {
      log.push(line);
      const address = /https?:\/\/127\.0\.0\.1:\S+token=\S+/.exec(line);
      if (address) resolve(address[0]);
    });
  }
  return promise.finally(() => clearTimeout(timer));
}

/** JupyterLab prints its address a little before it listens. */
async function untilItAnswers(address: URL): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await fetch(new URL("/api", address));
      return;
    } catch (error) {
      if (tries === 600) throw error;
      await delay(50);
    }
  }
}

function serverAt(address: URL, rest: Pick<JupyterServer, "home" | "log" | "stop">): JupyterServer {
  const token = address.searchParams.get("token") ?? "";
  const url = address.origin;
  return {
    ...rest,
    url,
    token,
    port: Number(address.port),
    labUrl: (path) => `${url}/lab${path ? `/tree/${encodeURI(path)}` : ""}?reset&token=${token}`,
    api: (path, init = {}) => fetch(`${url}/api/${path}`, { ...init, headers: { authorization: `token ${token}` } }),
  };
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const patience = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(patience);
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
