import type { ColumnTable } from "arquero";
import type { ColumnText, ColumnTexts } from "./column-text.js";

/**
 * Labels and units of columns. Arquero hands a column on from table to table as it is when rows are chosen or sorted and columns are
 * chosen or renamed, so that what is known of it goes along; columns that are computed have nothing.
 */
const known = new WeakMap<object, ColumnText>();

const column = (table: ColumnTable, name: string): object => table.data()[name] as object;

/** The table, of whose columns these labels and units are known from now on. */
export function describeTable(table: ColumnTable, texts: ColumnTexts): ColumnTable {
  for (const name of table.columnNames()) {
    const { label, unit } = texts[name] ?? {};
    if (label === undefined && unit === undefined) continue;
    known.set(column(table, name), { ...(label !== undefined && { label }), ...(unit !== undefined && { unit }) });
  }
  return table;
}

/**
 * Labels and units of a table's columns, as they were said of hyperparameters and metrics or came from an Arrow file. Columns that
 * were renamed, filtered or sorted have kept theirs; computed ones have none.
 */
export function columnTexts(table: ColumnTable): ColumnTexts {
  return Object.fromEntries(
    table.columnNames().flatMap((name) => {
      const text = known.get(column(table, name));
      return text ? [[name, text]] : [];
    }),
  );
}
