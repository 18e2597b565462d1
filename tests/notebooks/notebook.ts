/** Running notebooks headlessly through the real kernel, under Jupyter's own client. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { install } from "../../cli/install.js";
import { type Notebook, readNotebook } from "../../cli/notebooks/notebook.js";
import { fromRoot, venvPython } from "../support/paths.js";
import { run } from "../support/run.js";

/** A Jupyter data folder with this checkout's kernel and extension. */
export function installInto(dataFolder: string): void {
  install({ dataFolder, packageRoot: fromRoot("."), nodePath: process.execPath });
}

/** Runs a notebook of the project in `folder`, a folder outside the project, and answers it with its outputs. */
export async function execute(name: string, folder: string, dataFolder: string): Promise<Notebook> {
  assert.ok(existsSync(venvPython), "There is no .venv: run `npm run setup` first.");
  await copyFile(fromRoot(`notebooks/${name}`), join(folder, name));
  const options = ["--to", "notebook", "--execute", "--inplace", "--ExecutePreprocessor.timeout=420"];
  const { status, output } = await run(venvPython, ["-m", "nbconvert", ...options, name], {
    cwd: folder,
    env: { JUPYTER_PATH: dataFolder },
  });
  assert.equal(status, 0, output);
  return readNotebook(join(folder, name));
}
