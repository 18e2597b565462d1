import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dataFolderOf, type Entry } from "../notebooks/catalogue.js";
import { PARTS } from "./write-reports.js";

/** A folder of its own for a notebook, with a copy of the data beside it and nothing else. */
export async function workingFolder(entry: Entry): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "phasebook-reproduce-"));
  await cp(dataFolderOf(entry), join(path, "data"), { recursive: true }).catch((error: unknown) => {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  });
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Takes what an earlier report left out of its folder, and nothing else. */
export async function clean(folder: string): Promise<void> {
  await Promise.all(PARTS.map((part) => rm(join(folder, part), { recursive: true, force: true })));
}
