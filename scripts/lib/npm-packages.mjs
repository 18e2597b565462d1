import { existsSync, readFileSync } from "node:fs";
import { CommandFailure, run } from "./commands.mjs";
import { inRoot } from "./paths.mjs";
import { explainFailure, Problem } from "./problem.mjs";

/**
 * Whether node_modules holds what the lockfile says, for the root alone or with the extension's build chain. Nothing
 * is remembered for this: npm writes what it has installed into node_modules/.package-lock.json.
 */
export function packagesAreCurrent({ withExtension }) {
  if (!existsSync(inRoot("node_modules/.package-lock.json"))) return false;
  const locked = readJson("package-lock.json").packages;
  const installed = readJson("node_modules/.package-lock.json").packages;
  const agree = Object.entries(installed).every(
    ([path, entry]) => !locked[path] || locked[path].version === entry.version,
  );
  const folders = withExtension ? ["", "extension/"] : [""];
  return (
    agree && folders.every((folder) => directDependencies(folder).every((name) => isInstalled(installed, folder, name)))
  );
}

function directDependencies(folder) {
  const { dependencies = {}, devDependencies = {} } = readJson(`${folder}package.json`);
  return Object.keys({ ...dependencies, ...devDependencies });
}

const isInstalled = (installed, folder, name) =>
  `node_modules/${name}` in installed || `${folder}node_modules/${name}` in installed;

const readJson = (path) => JSON.parse(readFileSync(inRoot(path), "utf8"));

/** Installs exactly what the lockfile says; the extension's build chain, twice as large as the rest, only on demand. */
export async function installPackages({ withExtension, signal }) {
  const options = ["--include=dev", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  const [command, ...args] = npm("ci", ...options, ...(withExtension ? [] : ["--workspaces=false"]));
  try {
    await run(command, args, { signal });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    if (error.code === "ENOENT")
      throw new Problem("npm was not found: install it beside Node (Debian: `apt-get install npm`).");
    throw explainFailure("npm", error);
  }
}

/** Command line of npm: the one that runs this script, else the one on the PATH. */
export function npm(...args) {
  const running = process.env.npm_execpath;
  return running?.endsWith(".js") ? [process.execPath, running, ...args] : ["npm", ...args];
}
