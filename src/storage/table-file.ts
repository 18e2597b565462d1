import { open, readFile, rename } from "node:fs/promises";
import { type ColumnTable, fromArrow, toArrowIPC } from "arquero";

/**
 * Saves a table as an Arrow file, which pandas, Polars, DuckDB and others read. The file is complete or as it was before.
 */
export async function saveTable(table: ColumnTable, path: string): Promise<void> {
  const bytes = toArrowIPC(table, { format: "file" });
  const file = await open(`${path}.new`, "w");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

/** Loads a table from an Arrow file or stream. */
export async function loadTable(path: string): Promise<ColumnTable> {
  const bytes = await readFile(path);
  try {
    return fromArrow(bytes);
  } catch (error) {
    throw new TypeError(`"${path}" is no Arrow file, or it is truncated: ${String(error)}`, { cause: error });
  }
}
