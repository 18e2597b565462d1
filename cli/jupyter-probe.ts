import { constants } from "node:fs";
import { access, realpath } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { capture } from "./capture.js";

/** A Jupyter that was found, in the words of its own Python. */
export interface FoundJupyter {
  python: string;
  pythonVersion: string;
  /** Undefined when this Python has no JupyterLab. */
  labVersion: string | undefined;
  /** Folders that hold `kernels/` and `labextensions/`, in the order in which Jupyter looks. */
  dataFolders: string[];
}

const PROBE = `
import json, sys
try:
    import jupyterlab, jupyter_core.paths
    lab, folders = jupyterlab.__version__, jupyter_core.paths.jupyter_path()
except ImportError:
    lab, folders = None, []
print(json.dumps([sys.executable, "%d.%d.%d" % sys.version_info[:3], lab, folders]))
`;

/**
 * Finds the JupyterLab that a user would start: that of `prefix` when given, else the one on the PATH, else the one of
 * `npm start`. Without any JupyterLab it is the Python on the PATH; undefined when there is none either.
 */
export async function findJupyter(packageRoot: string, prefix?: string): Promise<FoundJupyter | undefined> {
  const search = prefix === undefined ? (process.env["PATH"] ?? "").split(delimiter) : [binaries(prefix)];
  const pythons = [
    ...(await pythonsBeside("jupyter-lab", search)),
    ...(await pythonsBeside("python3", search)),
    ...(prefix === undefined ? await pythonsBeside("jupyter-lab", [binaries(join(packageRoot, ".venv"))]) : []),
  ];
  let withoutLab: FoundJupyter | undefined;
  for (const python of new Set(pythons)) {
    const found = await probe(python);
    if (found?.labVersion !== undefined) return found;
    withoutLab ??= found;
  }
  return withoutLab;
}

const binaries = (prefix: string): string => join(prefix, process.platform === "win32" ? "Scripts" : "bin");

/** The Python in the folder of each program of that name, before and after following links. */
async function pythonsBeside(program: string, search: string[]): Promise<string[]> {
  const pythons: string[] = [];
  for (const folder of search) {
    const path = join(folder, process.platform === "win32" ? `${program}.exe` : program);
    if (!(await isExecutable(path))) continue;
    for (const beside of [folder, dirname(await realpath(path))]) {
      const python = join(beside, process.platform === "win32" ? "python.exe" : "python3");
      if (await isExecutable(python)) pythons.push(python);
    }
  }
  return pythons;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function probe(python: string): Promise<FoundJupyter | undefined> {
  const printed = await capture(python, ["-c", PROBE]);
  if (printed === undefined) return undefined;
  const [executable, pythonVersion, lab, dataFolders] = JSON.parse(printed) as [
    string,
    string,
    string | null,
    string[],
  ];
  return { python: executable, pythonVersion, labVersion: lab ?? undefined, dataFolders };
}
