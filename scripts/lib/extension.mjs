import { existsSync } from "node:fs";
import { CommandFailure, run } from "./commands.mjs";
import { fingerprint, stamp } from "./fingerprint.mjs";
import { npm } from "./npm-packages.mjs";
import { inRoot } from "./paths.mjs";
import { Problem } from "./problem.mjs";

const SOURCES = ["extension", "views", "src/protocol.ts"];
const MANIFEST = inRoot("extension/labextension/package.json");

/** Lies in the built extension, so that it goes with it wherever that is packed or copied. */
const built = stamp(inRoot("extension/labextension/source-hash"));

export function extensionIsCurrent() {
  return existsSync(MANIFEST) && built.matches(fingerprint(SOURCES));
}

/** Builds the JupyterLab extension into extension/labextension; its build chain must be installed. */
export async function buildExtension(signal) {
  const before = fingerprint(SOURCES);
  const [command, ...args] = npm("run", "build", "--workspace", "extension");
  try {
    await run(command, args, { signal });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    throw new Problem(`${error.output.trimEnd()}\n\nThe extension could not be built; the errors are above.`);
  }
  built.write(before);
}
