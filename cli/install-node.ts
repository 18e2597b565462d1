import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FAST_NODE, nodeBinaries, RUNTIME_FOLDER, runtimePackage } from "../kernel/node-binaries.js";
import { capture } from "./capture.js";
import { CommandError } from "./command-error.js";
import { runNpm } from "./npm.js";

/**
 * Puts a Node 24 beside the package, for the process that runs cells; the rest stays on the Node that runs this. It comes
 * from npm in a folder of its own: as a dependency, its command `node` would take the place of the system's in the
 * scripts of whatever project installs Phasebook.
 */
export async function installNode(packageRoot: string): Promise<void> {
  if (Number.parseInt(process.versions.node) >= FAST_NODE) {
    console.log(`Node ${process.versions.node} is new enough: cells run on it.`);
    return;
  }
  const folder = join(packageRoot, RUNTIME_FOLDER);
  // Published packages carry no lockfile; the versions in package.json are exact.
  const command = existsSync(join(folder, "package-lock.json")) ? "ci" : "install";
  try {
    await runNpm([command], folder);
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim() : String(error);
    throw new CommandError(`Node ${FAST_NODE} could not be installed into ${folder}: ${reason}`);
  }
  const installed = nodeBinaries(packageRoot, {}).find(({ origin }) => origin === "installed");
  if (installed === undefined) throw new CommandError(explainAbsence(folder));
  if ((await capture(installed.path, ["--version"])) === undefined)
    throw new CommandError(`The Node that npm installed, ${installed.path}, does not run on this system.`);
  console.log(`Cells run on Node ${installed.version ?? ""}, ${installed.path}`);
}

/** Npm is content without an optional package, whether it cannot be had or is not for this platform. */
function explainAbsence(folder: string): string {
  const manifest = readFileSync(join(folder, "package.json"), "utf8");
  return manifest.includes(`"${runtimePackage()}"`)
    ? `npm could not fetch ${runtimePackage()}: is its registry within reach?`
    : `npm has no Node ${FAST_NODE} for ${process.platform} on ${process.arch}: get it from https://nodejs.org.`;
}
