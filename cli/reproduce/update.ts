import { rename, writeFile } from "node:fs/promises";
import type { Entry } from "../notebooks/catalogue.js";
import { codeDigest, type Notebook, type Settings } from "../notebooks/notebook.js";
import type { NotebookRun } from "./run-notebook.js";

/** Puts the outputs of a whole run into the notebook's file, with how they were made; resolves with what lies there now. */
export async function updateNotebook(entry: Entry, run: NotebookRun, settings: Settings): Promise<Entry> {
  const seconds = Math.round(run.seconds * 10) / 10;
  const executed = { code: codeDigest(run.notebook), ...settings, seconds };
  const { metadata } = run.notebook;
  const phasebook = { ...metadata.phasebook, executed };
  const notebook: Notebook = { ...run.notebook, metadata: { ...metadata, phasebook } };
  await writeFile(`${entry.path}.new`, `${JSON.stringify(notebook, null, 1)}\n`);
  await rename(`${entry.path}.new`, entry.path);
  return { ...entry, notebook };
}
