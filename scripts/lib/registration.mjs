import { existsSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { CommandFailure, run } from "./commands.mjs";
import { fingerprint, stamp } from "./fingerprint.mjs";
import { inRoot, root, venv } from "./paths.mjs";
import { explainFailure } from "./problem.mjs";

const SOURCES = ["jupyter-config", "kernel/kernelspec.ts", "cli", "notebooks", "extension/labextension/source-hash"];
const jupyter = join(venv, "share", "jupyter");

const registered = stamp(join(venv, "phasebook-registered"));
const state = () => [root, process.execPath, fingerprint(SOURCES)].join("\n");

/** Whether the environment's Jupyter has this checkout's kernel, for this Node, and its extension as built. */
export function isRegistered() {
  return existsSync(join(jupyter, "kernels", "phasebook", "kernel.json")) && registered.matches(state());
}

/** Puts kernel and extension into .venv, by the command that users have, and the settings of this private JupyterLab. */
export async function register() {
  try {
    await run(process.execPath, [inRoot("dist/cli/main.js"), "install", "--prefix", venv]);
  } catch (error) {
    throw error instanceof CommandFailure ? explainFailure("phasebook install", error) : error;
  }
  const settings = join(jupyter, "lab", "settings");
  await mkdir(settings, { recursive: true });
  await cp(inRoot("jupyter-config/overrides.json"), join(settings, "overrides.json"));
  registered.write(state());
}
