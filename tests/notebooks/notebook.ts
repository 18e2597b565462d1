/** Notebooks as data, and running them headlessly through the real kernel. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { install } from "../../cli/install.js";
import { CLAIMS_MIME, type ClaimRecord, FIGURE_MIME, type FigurePayload } from "../../src/protocol.js";
import { fromRoot, venvPython } from "../support/paths.js";
import { run } from "../support/run.js";

interface Output {
  readonly output_type: string;
  readonly name?: string;
  readonly text?: string | string[];
  readonly data?: Record<string, unknown>;
  readonly traceback?: string[];
}

interface Cell {
  readonly cell_type: string;
  readonly source: string | string[];
  readonly execution_count?: number | null;
  readonly outputs?: Output[];
}

export interface Notebook {
  readonly cells: Cell[];
  readonly metadata: Record<string, unknown>;
}

export async function readNotebook(path: string): Promise<Notebook> {
  return JSON.parse(await readFile(path, "utf8")) as Notebook;
}

export const outputsOf = ({ cells }: Notebook): Output[] => cells.flatMap(({ outputs = [] }) => outputs);

export const figuresOf = (notebook: Notebook): FigurePayload[] =>
  outputsOf(notebook).flatMap(({ data }) => (data?.[FIGURE_MIME] ? [data[FIGURE_MIME] as FigurePayload] : []));

export const claimsOf = (notebook: Notebook): ClaimRecord[] =>
  outputsOf(notebook).flatMap(({ data }) => (data?.[CLAIMS_MIME] as ClaimRecord[] | undefined) ?? []);

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
