import { fetchNode, nodeIsFast } from "./cell-node.mjs";
import { buildExtension, extensionIsCurrent } from "./extension.mjs";
import { installPackages, packagesAreCurrent } from "./npm-packages.mjs";
import { isRegistered, register } from "./registration.mjs";
import { step } from "./step.mjs";
import { buildIsCurrent, buildTypeScript } from "./typescript.mjs";
import { clientsAreCurrent, installClients, makeVenv, requirementFiles, venvIsCurrent } from "./venv.mjs";

/**
 * Brings the checkout to where notebooks run, doing only what is not done yet: npm packages and build on one side, the
 * Python environment beside them, and at last kernel and extension into that environment.
 *
 * @param {{ forTests?: boolean }} [options] `forTests` adds what the tests need
 */
export async function setUp({ forTests = false } = {}) {
  const requirements = requirementFiles({ forTests });
  const target = forTests ? "tests" : "notebooks";
  console.log(`✓ Node ${process.versions.node}`);

  const stop = new AbortController();
  try {
    await Promise.all([buildAll(target, stop.signal), makePython(requirements, forTests, stop.signal)]);
  } catch (error) {
    stop.abort();
    throw error;
  }
  await step("Kernel and extension in .venv", { isCurrent: isRegistered, work: register });
  if (!forTests) await step("Node 24 for cells", { isCurrent: nodeIsFast, work: fetchNode });
}

/**
 * Installs the npm packages and builds TypeScript and extension.
 *
 * @param {"notebooks" | "tests"} target
 * @param {AbortSignal} [signal]
 */
export async function buildAll(target, signal) {
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

async function makePython(requirements, forTests, signal) {
  await step("JupyterLab in .venv", {
    isCurrent: () => venvIsCurrent(requirements),
    work: () => makeVenv(requirements, signal),
  });
  if (!forTests) return;
  await step("Clients of the kernel in .venv/clients", {
    isCurrent: () => clientsAreCurrent(requirements),
    work: () => installClients(requirements, signal),
  });
}
