import type { FigureModel } from "./figure-model.js";
import { withUnit } from "./format.js";

/** All members as a table (RFC 4180): number, state, hyperparameters and metrics by their names in code, with units, in full precision. */
export function toCSV(model: FigureModel): string {
  const columns = model.columns.map((column) => ({ column, values: model.values(column.name) }));
  const head = ["member", "state", ...columns.map(({ column }) => withUnit(column.name, column.unit))];
  const rows = Array.from({ length: model.members }, (_, member) => [
    String(member),
    model.state(member),
    ...columns.map(({ column, values }) => {
      const value = values[member] ?? NaN;
      return Number.isNaN(value) ? "" : (column.categories?.[value] ?? String(value));
    }),
  ]);
  return [head, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
