/**
 * Which Node runs the cells. Node 24 runs top-level loops and compiled trainings faster than older ones, so where the
 * system's Node is older, the evaluator takes the one that `phasebook install-node` has put beside the package.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Oldest major version that runs cells at full speed. */
export const FAST_NODE = 24;

/** Folder of the package that `phasebook install-node` installs: npm's copies of Node's own binaries, one a platform. */
export const RUNTIME_FOLDER = "runtime";

export interface NodeBinary {
  path: string;
  /** Such as `24.21.0`; undefined where only running it could tell. */
  version: string | undefined;
  /** Why it is there. */
  origin: "PHASEBOOK_NODE" | "installed" | "running";
}

/** This process's own Node. */
export interface RunningNode {
  path: string;
  version: string;
}

/** The candidates, best first. Any but the last, which is the running one, may turn out not to work. */
export function nodeBinaries(
  packageRoot: string,
  { PHASEBOOK_NODE: own = "" }: NodeJS.ProcessEnv = process.env,
  running: RunningNode = { path: process.execPath, version: process.versions.node },
): [NodeBinary, ...NodeBinary[]] {
  const last: NodeBinary = { ...running, origin: "running" };
  if (own === running.path) return [last];
  const installed = Number.parseInt(running.version) < FAST_NODE ? installedNode(packageRoot) : undefined;
  const others: [NodeBinary, ...NodeBinary[]] = installed === undefined ? [last] : [installed, last];
  return own === "" ? others : [{ path: own, version: undefined, origin: "PHASEBOOK_NODE" }, ...others];
}

/** Name of the package with this platform's binary. */
export function runtimePackage(): string {
  return `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
}

function installedNode(packageRoot: string): NodeBinary | undefined {
  const folder = join(packageRoot, RUNTIME_FOLDER, "node_modules", runtimePackage());
  const path = join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
  try {
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
    return existsSync(path) ? { path, version, origin: "installed" } : undefined;
  } catch {
    // Not installed, or not whole.
    return undefined;
  }
}
