/** Tables: those of Arquero, and arrays of plain objects. */
import { inspect } from "node:util";
import type { MimeBundle } from "../../../src/protocol.js";
import { escapeHtml } from "./html.js";

const MAX_ROWS = 50;
const MAX_COLUMNS = 30;
const MAX_CELL = 120;
/** Significant digits of numbers, as in other tables of data; the values themselves keep all. */
const DIGITS = 6;
/** Objects that are looked at to decide whether an array is a table, and which columns it has. */
const PROBED = 100;

type Row = Record<string, unknown>;

interface Table {
  columns: string[];
  rows: Row[];
  /** Rows in all, of which `rows` are the first. */
  count: number;
}

interface ArqueroTable {
  columnNames(): string[];
  numRows(): number;
  objects(options: { limit: number }): Row[];
}

export function representTable(value: object): MimeBundle | undefined {
  if (isArquero(value)) {
    const table = { columns: value.columnNames(), rows: value.objects({ limit: MAX_ROWS }), count: value.numRows() };
    return { "text/html": toHtml(table), "text/plain": toText(table) };
  }
  const table = fromObjects(value);
  return table && { "text/html": toHtml(table), "text/plain": inspect(value) };
}

function isArquero(value: object): value is ArqueroTable {
  return ["columnNames", "numRows", "objects"].every((name) => typeof Reflect.get(value, name) === "function");
}

function fromObjects(value: object): Table | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const probed: unknown[] = value.slice(0, PROBED);
  if (!probed.every(isPlainObject)) return undefined;
  const columns = [...new Set(probed.flatMap((row) => Object.keys(row)))];
  return columns.length === 0 ? undefined : { columns, rows: probed.slice(0, MAX_ROWS), count: value.length };
}

function isPlainObject(value: unknown): value is Row {
  if (value === null || typeof value !== "object") return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function toHtml({ columns, rows, count }: Table): string {
  const shown = columns.slice(0, MAX_COLUMNS);
  const head = shown.map((column) => `<th>${escapeHtml(column)}</th>`).join("");
  const body = rows.map((row) => `<tr>${shown.map((column) => cellHtml(row[column])).join("")}</tr>`).join("\n");
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>\n${noteHtml(columns, rows, count)}`;
}

function cellHtml(value: unknown): string {
  const align = typeof value === "number" || typeof value === "bigint" ? ' style="text-align:right"' : "";
  return `<td${align}>${escapeHtml(cellText(value))}</td>`;
}

function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(DIGITS)));
  const text = typeof value === "string" ? value : inspect(value, { depth: 1, breakLength: Infinity });
  return text.length > MAX_CELL ? `${text.slice(0, MAX_CELL)}…` : text;
}

function noteHtml(columns: string[], rows: Row[], count: number): string {
  const note = sizeNote(columns, rows, count);
  return note === undefined ? "" : `<p>${note}</p>`;
}

function sizeNote(columns: string[], rows: Row[], count: number): string | undefined {
  if (rows.length === count && columns.length <= MAX_COLUMNS) return undefined;
  return `${count} rows × ${columns.length} columns, of which the first ${rows.length} × ${Math.min(columns.length, MAX_COLUMNS)} are shown`;
}

function toText({ columns, rows, count }: Table): string {
  const shown = columns.slice(0, MAX_COLUMNS);
  const lines = [shown, ...rows.map((row) => shown.map((column) => cellText(row[column])))];
  const widths = shown.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [...text, sizeNote(columns, rows, count) ?? `${count} rows × ${columns.length} columns`].join("\n");
}
