/** A checkout with nothing but the setup scripts, in which each thing can be missing that a machine may lack. */
import { chmod, cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fromRoot } from "../support/paths.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/** Folder of the checkout, readable by every user; gone after the test. */
export async function fakeCheckout(context: TestContext): Promise<string> {
  const folder = await temporaryFolder(context);
  await cp(fromRoot("scripts"), join(folder, "scripts"), { recursive: true });
  await mkdir(join(folder, "extension"));
  await writeJson(join(folder, "package.json"), { dependencies: { "left-pad": "1.3.0" } });
  await writeJson(join(folder, "package-lock.json"), {
    ...{ lockfileVersion: 3, requires: true },
    packages: {
      "": { dependencies: { "left-pad": "1.3.0" } },
      "node_modules/left-pad": { version: "1.3.0", integrity: `sha512-${"A".repeat(86)}==` },
    },
  });
  await writeJson(join(folder, "extension", "package.json"), {});
  await mkdir(join(folder, "jupyter-config"));
  await writeFile(join(folder, "jupyter-config", "requirements.txt"), "phasebook-test-package==1.0\n");
  await writeFile(join(folder, PATIENT_NPM), "setTimeout(() => {}, 60_000);");
  await chmod(folder, 0o755);
  return folder;
}

/** A stand-in for npm in the fake checkout that works for a minute, to see what happens beside it. */
export const PATIENT_NPM = "patient-npm.js";

const writeJson = (file: string, value: unknown): Promise<void> => writeFile(file, JSON.stringify(value));

/** A folder with a `python3` that runs `prelude` before what it is asked to run: a Python with something amiss. */
export async function pythonWith(context: TestContext, real: string, prelude: string): Promise<string> {
  const folder = await temporaryFolder(context);
  const program = `${prelude}; code = sys.argv[1]; exec(code)`;
  await writeFile(join(folder, "python3"), `#!/bin/sh\nshift\nexec "${real}" -c 'import sys; ${program}' "$@"\n`);
  await chmod(join(folder, "python3"), 0o755);
  return folder;
}
