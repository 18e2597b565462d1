import { constants, accessSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./commands.mjs";
import { buildExtension, extensionIsCurrent } from "./extension.mjs";
import { installPackages, packagesAreCurrent } from "./npm-packages.mjs";
import { inRoot, root, venv } from "./paths.mjs";
import { Problem } from "./problem.mjs";
import { findPython } from "./python.mjs";
import { step } from "./step.mjs";
import { buildIsCurrent, buildTypeScript } from "./typescript.mjs";
import { makeVenv, requirementFiles, venvIsCurrent } from "./venv.mjs";

/**
 * Brings the checkout to where notebooks run, doing only what is not done yet: npm packages and build on one side, the
 * Python environment beside them, and at last kernel and extension into that environment.
 *
 * @param {{ forTests?: boolean }} [options] `forTests` adds what the tests need
 */
export async function setUp({ forTests = false } = {}) {
  const requirements = requirementFiles({ forTests });
  const target = forTests ? "tests" : "notebooks";
  if (!venvIsCurrent(requirements)) await findPython(); // what is missing is said before anything takes minutes
  if (!venvIsCurrent(requirements) || !packagesAreCurrent({ withExtension: false })) requireWritable(root);
  console.log(`✓ Node ${process.versions.node}`);

  const stop = new AbortController();
  try {
    await Promise.all([
      packagesAndBuild(target, stop.signal),
      step("JupyterLab in .venv", {
        isCurrent: () => venvIsCurrent(requirements),
        work: () => makeVenv(requirements, stop.signal),
      }),
    ]);
  } catch (error) {
    stop.abort();
    throw error;
  }
  await installIntoVenv();
}

async function packagesAndBuild(target, signal) {
  const withExtension = !extensionIsCurrent();
  await step(withExtension ? "npm packages, with the extension's build chain" : "npm packages", {
    isCurrent: () => packagesAreCurrent({ withExtension }),
    work: () => installPackages({ withExtension, signal }),
  });
  await step("TypeScript build", {
    isCurrent: () => buildIsCurrent(target),
    work: () => buildTypeScript(target, signal),
  });
  await step("JupyterLab extension", { isCurrent: extensionIsCurrent, work: () => buildExtension(signal) });
}

/** Kernel and extension, by the command that users have, and the settings of this private JupyterLab. */
async function installIntoVenv() {
  await run(process.execPath, [inRoot("dist/cli/main.js"), "install", "--prefix", venv]);
  const settings = join(venv, "share", "jupyter", "lab", "settings");
  await mkdir(settings, { recursive: true });
  await cp(inRoot("jupyter-config/overrides.json"), join(settings, "overrides.json"));
  console.log("✓ Kernel and extension in .venv");
}

function requireWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw new Problem(
      `No write permission in ${folder}: make it writable for this user, or clone into a folder of your own.`,
    );
  }
}
