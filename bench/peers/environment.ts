import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Packages of Python that the benchmarks compare with. */
const JAX = "jax==0.10.2";
export const JUPYTER_SCATTER = "jupyter-scatter==1.0.1";

const root = new URL("../../../", import.meta.url);

export const repositoryRoot = fileURLToPath(root);

/** Python of the project's own environment, with JupyterLab and its kernel ipykernel. */
export const venvPython = fileURLToPath(new URL(".venv/bin/python", root));

/** A peer's program, which the compiler leaves where it is. */
export const peerProgram = (name: string): string => fileURLToPath(new URL(`bench/peers/${name}`, root));

/** Python of an environment with JAX, made at the first call: `PHASEBOOK_JAX_PYTHON` names another one. */
export const jaxPython = (): string => process.env["PHASEBOOK_JAX_PYTHON"] || pythonPeer("jax", JAX);

/** Python of an environment with jupyter-scatter, made at the first call. */
export const scatterPython = (): string => pythonPeer("jupyter-scatter", JUPYTER_SCATTER);

function pythonPeer(name: string, requirement: string): string {
  const folder = fileURLToPath(new URL(`node_modules/.cache/phasebook/${name}`, root));
  const python = `${folder}/bin/python`;
  if (!existsSync(python)) {
    console.log(`Installing ${requirement} for comparison …`);
    execFileSync(existsSync(venvPython) ? venvPython : "python3", ["-m", "venv", folder]);
    execFileSync(python, ["-m", "pip", "install", "--quiet", requirement], { stdio: "inherit" });
  }
  return python;
}

/** A file of an npm package for comparison, installed at the first call into a folder of its own. */
export function npmPeer(packageAndVersion: string, file: string, options: readonly string[] = []): string {
  const folder = fileURLToPath(new URL(`node_modules/.cache/phasebook/${packageAndVersion}`, root));
  const path = `${folder}/node_modules/${file}`;
  if (!existsSync(path)) {
    console.log(`Installing ${packageAndVersion} for comparison …`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/package.json`, "{}");
    const flags = ["--no-audit", "--no-fund", "--silent"];
    execFileSync("npm", ["install", ...flags, ...options, packageAndVersion], { cwd: folder, stdio: "inherit" });
  }
  return path;
}
