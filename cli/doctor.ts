import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { engines } from "../src/engines/index.js";
import { FAST_NODE, nodeBinaries } from "../kernel/node-binaries.js";
import { capture } from "./capture.js";
import { EXTENSION_NAME, KERNEL_NAME } from "./install.js";
import { findJupyter, type FoundJupyter } from "./jupyter-probe.js";
import { packageVersion, versionOf } from "./package-root.js";

/** One line of the report: something that is right, could be better, or is missing; the last two with a remedy. */
type Finding = { state: "right"; text: string } | { state: "better" | "missing"; text: string; remedy: string };

const SIGNS = { right: "✓", better: "!", missing: "✗" } as const;

const INSTALL_JUPYTERLAB = "`pip install 'jupyterlab>=4.6,<5'` in the environment that you use";
const INSTALL_NODE = "`npx phasebook install-node`";
const INSTALL_PHASEBOOK = "`npx phasebook install` (or with --sys-prefix, --prefix DIR)";

/** Prints what is found and what is missing; resolves with whether notebooks can run. */
export async function doctor({
  packageRoot,
  prefix,
}: {
  packageRoot: string;
  prefix: string | undefined;
}): Promise<boolean> {
  const jupyter = await findJupyter(packageRoot, prefix);
  const findings = [
    { state: "right", text: `Phasebook ${packageVersion} in ${packageRoot}` } as const,
    checkNode(),
    ...(await checkCellNode(packageRoot)),
    ...checkJupyter(jupyter),
    checkKernel(jupyter?.dataFolders ?? []),
    checkExtension(jupyter?.dataFolders ?? []),
    checkWidgets(jupyter?.dataFolders ?? []),
    ...(await checkEngines()),
  ];
  for (const finding of findings) {
    console.log(`${SIGNS[finding.state]} ${finding.text}`);
    if (finding.state !== "right") console.log(`    → ${finding.remedy}`);
  }
  const missing = findings.filter(({ state }) => state === "missing").length;
  console.log(missing === 0 ? "\nNotebooks can run." : `\n${missing} missing: see the arrows.`);
  return missing === 0;
}

function checkNode(): Finding {
  const { node: version } = process.versions;
  const text = `Node ${version} at ${process.execPath}`;
  const major = Number(version.split(".")[0]);
  if (major < 20) return { state: "missing", text, remedy: "install Node 20 or later; 24 is the fastest" };
  return { state: "right", text };
}

/** The Node that runs cells, and those before it that were meant to and do not work. */
async function checkCellNode(packageRoot: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { path, origin } of nodeBinaries(packageRoot)) {
    const version = await capture(path, ["-p", "process.versions.node"]);
    if (version === undefined) {
      const remedy = origin === "PHASEBOOK_NODE" ? "correct PHASEBOOK_NODE, or unset it" : INSTALL_NODE;
      findings.push({ state: "better", text: `Cells cannot run on ${path} (${origin})`, remedy });
      continue;
    }
    const text = `Cells run on Node ${version} at ${path}`;
    const isFast = Number.parseInt(version) >= FAST_NODE;
    const remedy = `${INSTALL_NODE}: Node ${FAST_NODE} trains up to 1.8 times as fast, and runs loops up to 4 times as fast`;
    return [...findings, isFast ? { state: "right", text } : { state: "better", text, remedy }];
  }
  return findings;
}

function checkJupyter(jupyter: FoundJupyter | undefined): Finding[] {
  if (!jupyter)
    return [{ state: "missing", text: "No Python", remedy: "install Python 3.10 or later, then JupyterLab" }];
  const python: Finding = { state: "right", text: `Python ${jupyter.pythonVersion} at ${jupyter.python}` };
  if (jupyter.labVersion === undefined) {
    return [python, { state: "missing", text: "No JupyterLab", remedy: INSTALL_JUPYTERLAB }];
  }
  const text = `JupyterLab ${jupyter.labVersion}`;
  const fits = /^4\./.test(jupyter.labVersion);
  return [python, fits ? { state: "right", text } : { state: "missing", text, remedy: INSTALL_JUPYTERLAB }];
}

/** The first kernelspec of that name is the one that Jupyter takes. */
function checkKernel(dataFolders: string[]): Finding {
  const file = dataFolders.map((folder) => join(folder, "kernels", KERNEL_NAME, "kernel.json")).find(existsSync);
  if (!file) return { state: "missing", text: `No kernelspec "${KERNEL_NAME}"`, remedy: INSTALL_PHASEBOOK };
  const lost = absolutePaths(file).filter((path) => !existsSync(path));
  if (lost.length > 0) {
    return {
      state: "missing",
      text: `Kernelspec ${file} starts ${lost.join(", ")}, which is gone`,
      remedy: INSTALL_PHASEBOOK,
    };
  }
  return { state: "right", text: `Kernelspec ${file}` };
}

/** The absolute paths on the kernel's command line: Node, and the kernel's own program. */
function absolutePaths(kernelJson: string): string[] {
  const { argv } = JSON.parse(readFileSync(kernelJson, "utf8")) as { argv: string[] };
  return argv.filter((argument) => /^([/\\]|[A-Za-z]:)/.test(argument));
}

function checkExtension(dataFolders: string[]): Finding {
  const folder = dataFolders
    .map((dataFolder) => join(dataFolder, "labextensions", EXTENSION_NAME))
    .find((candidate) => existsSync(join(candidate, "package.json")));
  if (!folder) return { state: "missing", text: `No extension "${EXTENSION_NAME}"`, remedy: INSTALL_PHASEBOOK };
  const version = versionOf(join(folder, "package.json"));
  const text = `Extension ${version} in ${folder}`;
  if (version === packageVersion) return { state: "right", text };
  return { state: "better", text: `${text}, not ${packageVersion}`, remedy: INSTALL_PHASEBOOK };
}

/** What JupyterLab needs to draw widgets, which only some notebooks have. */
function checkWidgets(dataFolders: string[]): Finding {
  const missing = ["@jupyter-widgets/jupyterlab-manager", "anywidget"].filter(
    (name) => !dataFolders.some((folder) => existsSync(join(folder, "labextensions", name, "package.json"))),
  );
  if (missing.length === 0) return { state: "right", text: "Jupyter widgets and anywidget" };
  const remedy = "`pip install anywidget` in JupyterLab's environment, for notebooks that use widgets";
  return { state: "better", text: `No extension ${missing.join(", ")}`, remedy };
}

async function checkEngines(): Promise<Finding[]> {
  try {
    return (await engines()).map(({ name, precision, description, notChosen }) => ({
      state: "right",
      text: `Engine ${name} (${precision}): ${description}${notChosen === undefined ? ", chosen automatically" : `, not chosen: ${notChosen}`}`,
    }));
  } catch (error) {
    const text = `No engine: ${error instanceof Error ? error.message : String(error)}`;
    return [{ state: "missing", text, remedy: "use a Node with WebAssembly SIMD on a processor that has it" }];
  }
}
