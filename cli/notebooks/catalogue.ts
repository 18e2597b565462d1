import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { UsageError } from "../command-error.js";
import { type Notebook, readNotebook, titleOf } from "./notebook.js";

/** A notebook that can be reproduced. */
export interface Entry {
  /** The segment, such as A1; the file's name for notebooks without one. */
  readonly id: string;
  readonly title: string;
  /** Absolute path. */
  readonly path: string;
  readonly notebook: Notebook;
}

/** All notebooks of a folder, by file name, which sorts segments of one talk by number. */
export async function notebooksIn(folder: string): Promise<Entry[]> {
  const files = (await readdir(folder)).filter((file) => extname(file) === ".ipynb").sort();
  return Promise.all(files.map((file) => entryOf(join(folder, file))));
}

/**
 * The notebooks that the command line names: by segment (`A1`) or by file (`mine.ipynb`).
 *
 * @throws {UsageError} when there is none of a name
 */
export async function findNotebooks(names: readonly string[], folder: string): Promise<Entry[]> {
  const known = await notebooksIn(folder);
  return Promise.all(
    [...new Set(names)].map(async (name) => {
      if (extname(name) === ".ipynb") return await entryOf(resolve(name));
      const found = known.find(({ id }) => id.toLowerCase() === name.toLowerCase());
      if (found) return found;
      const ids = known.map(({ id }) => id).join(", ");
      throw new UsageError(`There is no notebook "${name}"; there are ${ids || "none"}, and files ending in .ipynb.`);
    }),
  );
}

async function entryOf(path: string): Promise<Entry> {
  const notebook = await readNotebook(path);
  const id = notebook.metadata.phasebook?.segment ?? basename(path, ".ipynb");
  return { id, title: titleOf(notebook) ?? id, path, notebook };
}

/** The folder with what a notebook reads, beside it. */
export const dataFolderOf = ({ path }: Entry): string => join(dirname(path), "data");
