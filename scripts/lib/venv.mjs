import { existsSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CommandFailure, run } from "./commands.mjs";
import { fingerprint, stamp } from "./fingerprint.mjs";
import { venv, venvClients, venvPython } from "./paths.mjs";
import { explainFailure } from "./problem.mjs";
import { findPython } from "./python.mjs";

const PIP_OPTIONS = ["--quiet", "--no-input", "--no-compile", "--disable-pip-version-check"];

/** Programs for the tests, beside the environment: see the file. */
const CLIENTS = "tests/clients-requirements.txt";

/** Requirement files of the notebooks, and of the tests on top. */
export function requirementFiles({ forTests }) {
  return ["jupyter-config/requirements.txt", ...(forTests ? ["tests/requirements.txt"] : [])];
}

const madeWith = stamp(join(venv, "phasebook-python"));
const installed = (file) => stamp(join(venv, `phasebook-${file.replaceAll("/", "-")}`));

/** Whether the environment has these requirements, and its Python is still the one that it was made with. */
export function venvIsCurrent(files) {
  return isUsable() && files.every((file) => installed(file).matches(fingerprint([file])));
}

const isUsable = () => existsSync(venvPython) && madeWith.matches(realpathSync(venvPython));

/** Makes the environment, anew if its Python has gone, and installs the requirements. */
export async function makeVenv(files, signal) {
  try {
    if (!isUsable()) await createVenv(signal);
    const requirements = files.flatMap((file) => ["--requirement", file]);
    await run(venvPython, ["-m", "pip", "install", ...PIP_OPTIONS, ...requirements], { signal });
  } catch (error) {
    throw error instanceof CommandFailure ? explainFailure("pip", error) : error;
  }
  for (const file of files) installed(file).write(fingerprint([file]));
}

/** Whether the programs are there, beside an environment that has not changed since. */
export function clientsAreCurrent(files) {
  return venvIsCurrent(files) && installed(CLIENTS).matches(fingerprint([...files, CLIENTS]));
}

/** Installs the programs, which find what they share in the environment, into a folder that it does not see. */
export async function installClients(files, signal) {
  try {
    rmSync(venvClients, { recursive: true, force: true });
    const target = ["--prefix", venvClients, "--no-warn-script-location", "--requirement", CLIENTS];
    await run(venvPython, ["-m", "pip", "install", ...PIP_OPTIONS, ...target], { signal });
  } catch (error) {
    throw error instanceof CommandFailure ? explainFailure("pip", error) : error;
  }
  installed(CLIENTS).write(fingerprint([...files, CLIENTS]));
}

async function createVenv(signal) {
  const python = await findPython();
  rmSync(venv, { recursive: true, force: true });
  await run(python, ["-m", "venv", venv], { signal });
  madeWith.write(realpathSync(venvPython));
}
