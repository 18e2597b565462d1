import { open, readFile, rename } from "node:fs/promises";
import { type Table, tableFromIPC, tableToIPC } from "@uwdata/flechette";
import { type ColumnTable, fromArrow, toArrow } from "arquero";
import { checkColumnTexts, type ColumnText, type ColumnTexts, mergeColumnTexts } from "./column-text.js";
import { columnTexts, describeTable } from "./described-table.js";

export interface SaveTableOptions {
  /** Labels and units of columns; of these, they win over those that the table has already. */
  readonly columns?: ColumnTexts;
}

/**
 * Saves a table as an Arrow file, which pandas, Polars, DuckDB and others read. Labels and units of columns are the metadata `label` and
 * `unit` of the schema's fields. The file is complete or as it was before.
 *
 * Throws a RangeError for labels and units of columns that are not there.
 */
export async function saveTable(
  table: ColumnTable,
  path: string,
  { columns = {} }: SaveTableOptions = {},
): Promise<void> {
  checkColumnTexts("saveTable", columns, table.columnNames());
  const bytes = tableToIPC(withMetadata(toArrow(table), mergeColumnTexts(columnTexts(table), columns)), {
    format: "file",
  });
  if (!bytes) throw new Error(`"${path}" could not be encoded as an Arrow file.`);
  const file = await open(`${path}.new`, "w");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

/** Loads a table from an Arrow file or stream, with the labels and units of its columns: see {@link columnTexts}. */
export async function loadTable(path: string): Promise<ColumnTable> {
  const bytes = await readFile(path);
  try {
    const arrow = tableFromIPC(bytes, { useDate: true });
    // Arquero's type of what it takes knows no absent metadata, which its code does.
    return describeTable(fromArrow(arrow as unknown as Parameters<typeof fromArrow>[0]), textsOf(arrow));
  } catch (error) {
    throw new TypeError(`"${path}" is no Arrow file, or it is truncated: ${String(error)}`, { cause: error });
  }
}

/** Keys of what a field's metadata says of its column. */
const KEYS = ["label", "unit"] as const satisfies (keyof ColumnText)[];

function withMetadata(table: Table, texts: ColumnTexts): Table {
  for (const field of table.schema.fields) {
    const text = texts[field.name] ?? {};
    const entries = KEYS.flatMap((key): [string, string][] => (text[key] === undefined ? [] : [[key, text[key]]]));
    if (entries.length > 0) field.metadata = new Map(entries);
  }
  return table;
}

/** What fields say of their columns; a file may come from anybody, and empty texts say nothing. */
function textsOf({ schema }: Table): ColumnTexts {
  return Object.fromEntries(schema.fields.map(({ name, metadata }) => [name, textOf(metadata)]));
}

function textOf(metadata: ReadonlyMap<string, string> | null | undefined): ColumnText {
  const entries = KEYS.map((key) => [key, metadata?.get(key)] as const);
  return Object.fromEntries(entries.filter(([, text]) => text !== undefined && text.trim() !== ""));
}
