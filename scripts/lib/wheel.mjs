import { appendFile, chmod, cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandFailure, run } from "./commands.mjs";
import { npm } from "./npm-packages.mjs";
import { inRoot, venvPython } from "./paths.mjs";
import { explainFailure } from "./problem.mjs";

/** Loaded only where there is a GPU, and half of all that is installed: those who have one add it, see docs/administrators.md. */
const LEFT_OUT = new Set(["webgpu"]);

/** What packages carry and nothing loads at run time: maps, sources of compiled code, other builds and languages. */
const NOT_NEEDED = [
  /\.map$/,
  /\/(test|tests|docs|examples)$/,
  /^typescript\/lib\/(_tsc|_tsserver|_typingsInstaller|tsc|tsserver|typingsInstaller)\.js$/,
  /^typescript\/lib\/[a-z]{2}(-[a-z]{2})?$/,
  /^zeromq\/(src|script)$/,
  /^(vega|vega-lite)\/build\/[\w-]+(\.min\.js|-schema\.json)$/,
];

/** Where the npm package lies in the Python package. */
const INSIDE = "phasebook_kernel/npm";

/**
 * Makes a wheel of the Python package, the npm package with what it needs, kernelspec and JupyterLab extension; answers
 * its path. What is built must be current.
 */
export async function makeWheel(folder) {
  const stage = await mkdtemp(join(tmpdir(), "phasebook-wheel-"));
  try {
    await cp(inRoot("python"), stage, { recursive: true });
    await stageNpmPackage(join(stage, INSIDE));
    await stageJupyterData(join(stage, "share", "jupyter"));
    await appendFile(join(stage, "pyproject.toml"), CARRIED);
    await makeReadable(stage);
    const options = ["--quiet", "--no-deps", "--disable-pip-version-check", ...(await isolation())];
    await pip("wheel", ...options, "--wheel-dir", join(stage, "made"), stage);
    const [name] = await readdir(join(stage, "made"));
    await cp(join(stage, "made", name), join(folder, name));
    return join(folder, name);
  } finally {
    await rm(stage, { recursive: true });
  }
}

/** What the wheel has beside the Python sources; `artifacts`, because version control ignores what is built. */
const CARRIED = `
[tool.hatch.build.targets.wheel.shared-data]
share = "share"

[tool.hatch.build]
artifacts = ["${INSIDE}/**"]
`;

/** What npm publishes, and the packages that it depends on. */
async function stageNpmPackage(target) {
  const [command, ...args] = npm("pack", "--json", "--dry-run", "--ignore-scripts");
  const [{ files }] = JSON.parse(await run(command, args));
  // Jupyter gets the extension and the examples from elsewhere in the wheel.
  for (const { path } of files) {
    if (!path.startsWith("extension/")) await cp(inRoot(path), join(target, path));
  }
  const { packages } = JSON.parse(await readFile(inRoot("package-lock.json"), "utf8"));
  for (const [path, { dev, devOptional, link }] of Object.entries(packages)) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1];
    if (name === undefined || dev || devOptional || link || LEFT_OUT.has(name)) continue;
    await cp(inRoot(path), join(target, path), { recursive: true, filter: (source) => isNeeded(source, name) });
  }
}

function isNeeded(source, name) {
  const inside = source.slice(inRoot("node_modules").length + 1).replaceAll("\\", "/");
  return inside === name || !NOT_NEEDED.some((pattern) => pattern.test(inside));
}

/** Kernelspec and extension, as `phasebook install` makes them. */
async function stageJupyterData(target) {
  const prefix = join(target, "..", "..");
  await run(process.execPath, [inRoot("dist/cli/main.js"), "install", "--prefix", prefix]);
  await editJson(join(target, "kernels", "phasebook", "kernel.json"), (spec) => ({
    ...spec,
    // Jupyter takes its own Python for this one; it starts the Node that it finds.
    argv: ["python", "-m", "phasebook_kernel", "{connection_file}"],
  }));
  await editJson(join(target, "labextensions", "@phasebook", "jupyterlab", "install.json"), () => ({
    packageManager: "python",
    packageName: "phasebook_kernel",
    uninstallInstructions: "Use your Python package manager (pip, conda, …) to uninstall the package phasebook_kernel.",
  }));
}

async function editJson(file, edit) {
  const value = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, `${JSON.stringify(edit(value), null, 2)}\n`);
}

/** The wheel keeps modes, and all users of a hub are to read what an administrator installs. */
async function makeReadable(path) {
  const isFolder = (await stat(path)).isDirectory();
  await chmod(path, isFolder ? 0o755 : 0o644);
  if (isFolder) await Promise.all((await readdir(path)).map((name) => makeReadable(join(path, name))));
}

/** With the build program at hand, pip need not fetch one. */
async function isolation() {
  const isThere = await run(venvPython, ["-c", "import hatchling"]).then(
    () => true,
    () => false,
  );
  return isThere ? ["--no-build-isolation"] : [];
}

async function pip(...args) {
  try {
    await run(venvPython, ["-m", "pip", ...args]);
  } catch (error) {
    throw error instanceof CommandFailure ? explainFailure("pip", error) : error;
  }
}
