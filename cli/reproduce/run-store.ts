import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { NotebookRun } from "./run-notebook.js";

/** Folder of executed notebooks within a report. */
export const NOTEBOOKS_PART = "notebooks";
const RUNS_PART = "runs";

/** Finished runs on the disk, from which a killed command goes on. */
export class RunStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The executed notebook, relative to the report's folder. */
  fileOf(id: string): string {
    return `${NOTEBOOKS_PART}/${encodeURIComponent(id)}.ipynb`;
  }

  /** Saves a run; a complete file lies there or none. */
  async save(id: string, key: string, run: NotebookRun): Promise<void> {
    const { notebook, ...rest } = run;
    await writeWhole(join(this.#folder, this.fileOf(id)), `${JSON.stringify(notebook, null, 1)}\n`);
    await writeWhole(this.#runFile(id), JSON.stringify({ key, ...rest }));
  }

  /** The run of that key; none where it was another's, or is not whole. */
  async find(id: string, key: string): Promise<NotebookRun | undefined> {
    try {
      const run = JSON.parse(await readFile(this.#runFile(id), "utf8")) as { key: string } & NotebookRun;
      if (run.key !== key) return undefined;
      const notebook = await readFile(join(this.#folder, this.fileOf(id)), "utf8");
      return { ...run, notebook: JSON.parse(notebook) as NotebookRun["notebook"] };
    } catch {
      return undefined;
    }
  }

  #runFile(id: string): string {
    return join(this.#folder, RUNS_PART, `${encodeURIComponent(id)}.json`);
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
