import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { inRoot, venvPython } from "./paths.mjs";
import { Problem } from "./problem.mjs";

const DEFAULT_PORT = 8888;

/** The value of the last `--name value` or `--name=value` among the options. */
function optionValue(options, ...names) {
  const values = options.flatMap((option, index) => {
    const [name, ...value] = option.split("=");
    if (!names.includes(name)) return [];
    return value.length > 0 ? [value.join("=")] : options.slice(index + 1, index + 2);
  });
  return values.at(-1);
}

const explicitPort = (options) => optionValue(options, "--port", "--ServerApp.port");
const address = (options) => optionValue(options, "--ip", "--ServerApp.ip") ?? "localhost";

/** Throws a {@link Problem} when the options name a port that JupyterLab cannot have. */
export async function requireFreePort(options) {
  const port = explicitPort(options);
  if (port === undefined) return;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535)
    throw new Problem(`--port ${port} is not a port: give a number from 0 to 65535.`);
  const code = await listenError(Number(port), address(options));
  if (code === "EADDRINUSE") {
    throw new Problem(
      `Port ${port} is taken by another program: end that, or name another port (or none, and a free one is found).`,
    );
  }
  if (code === "EACCES") throw new Problem(`Port ${port} is not for this user: name one above 1023.`);
}

/** The system's error code when nothing can listen there, else undefined. */
function listenError(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(error.code));
    server.listen({ port, host: host === "*" ? "0.0.0.0" : host }, () => server.close(() => resolve(undefined)));
  });
}

/** Runs JupyterLab on the notebooks until it ends, shows its warnings and its address; resolves with its exit status. */
export async function runJupyterLab(options) {
  // A process group of its own: Ctrl-C reaches only this script, which asks JupyterLab to stop, without its question.
  const child = spawn(venvPython, ["-m", "jupyterlab", ...jupyterOptions(options)], {
    detached: process.platform !== "win32",
    stdio: ["ignore", "inherit", "pipe"],
  });
  let asked = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (!asked) console.log("\nStopping JupyterLab …");
      asked = true;
      child.kill("SIGTERM");
    });
  }
  process.on("exit", () => child.kill("SIGTERM")); // whatever ends this script
  createInterface(child.stderr).on("line", logFilter(explicitPort(options)));
  const status = await new Promise((resolve, reject) => {
    child.once("error", (error) =>
      reject(new Problem(`JupyterLab could not be started: ${error.message}; \`npm run setup\` repairs .venv.`)),
    );
    child.once("close", (code) => resolve(code ?? 1));
  });
  return asked ? 0 : status;
}

function jupyterOptions(options) {
  return [
    `--ServerApp.root_dir=${inRoot("notebooks")}`,
    ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
    ...(explicitPort(options) === undefined ? [] : ["--ServerApp.port_retries=0"]),
    ...options,
  ];
}

/** Shows JupyterLab's address when it prints it, and of the rest of its log what is not mere information. */
function logFilter(port) {
  let shown = false;
  let informs = true;
  return (line) => {
    const level = /^\[([DIWEC]) /.exec(line)?.[1];
    if (level) informs = level === "I" || line.endsWith("ServerApp] "); // the latter repeats the address
    if (!informs) console.error(line);
    const url = /\bhttps?:\/\/\S+/.exec(line)?.[0];
    if (shown || !url || !informs || !line.includes("/lab")) return;
    shown = true;
    showAddress(new URL(url), port);
  };
}

/** Prints the address once it answers: JupyterLab says it up to a second before it listens. */
async function showAddress(url, port) {
  for (let tries = 0; tries < 100 && !(await answers(url)); tries++) await delay(50, undefined, { ref: false });
  console.log(`\nJupyterLab is at ${url}`);
  if (port === undefined && Number(url.port) !== DEFAULT_PORT) {
    console.log(`(port ${url.port}, since ${DEFAULT_PORT} is taken)`);
  }
  console.log("Ctrl-C stops it.");
}

function answers({ hostname, port }) {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ""));
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
