import type { ColumnTable } from "arquero";
import { zip } from "../ensemble/index.js";
import { MEMBER_STATES, type MemberState } from "../protocol.js";
import { type ColumnTexts, mergeColumnTexts } from "../storage/column-text.js";
import { columnTexts } from "../storage/index.js";
import { measurements } from "./measurements.js";
import type { FigureSource } from "./source.js";

/** Which columns of a table are what. */
export interface FromTableOptions {
  /** Names of the columns that distinguish the rows, such as the axes of a phase diagram. */
  readonly hyperparameters: readonly string[];
  /** Names of the columns that were measured: all others that hold numbers or texts when left out. */
  readonly metrics?: readonly string[];
  /** Labels and units; of these, they win over those of the table. */
  readonly columns?: ColumnTexts;
}

/**
 * A table for figures, a member for each row: of `run.table()`, of a file that {@link loadTable} has read, or of anybody's. Columns of
 * texts are categories; a column `state` with the states of members, as in `run.table()`, is shown as these.
 *
 * Throws a RangeError for columns that are not there, and for hyperparameters with missing values; a TypeError for columns that
 * hold neither numbers nor texts.
 * @example
 * const results = table({ mass: [120, 120, 125, 125], width: [1, 2, 1, 2], error: [0.1, 0.3, 0.2, 0.4] });
 * const source = fromTable(results, { hyperparameters: ["mass", "width"], columns: { mass: { unit: "GeV" } } });
 * phaseDiagram(source, { x: "mass", y: "width", color: "error" });
 */
export function fromTable(
  table: ColumnTable,
  { hyperparameters, metrics, columns = {} }: FromTableOptions,
): FigureSource {
  const names = table.columnNames();
  const missing = [...hyperparameters, ...(metrics ?? [])].find((name) => !names.includes(name));
  if (missing !== undefined) {
    const there = names.map((name) => `"${name}"`).join(", ");
    throw new RangeError(`fromTable: the table has no column "${missing}"; there are ${there}.`);
  }
  const states = hyperparameters.includes("state") || metrics?.includes("state") ? undefined : statesOf(table);
  const rest = names.filter(
    (name) => !hyperparameters.includes(name) && name !== "member" && !(states && name === "state"),
  );
  const measured = metrics ?? rest.filter((name) => kindOf(table.array(name) as unknown[]) !== undefined);
  const read = new Map([...hyperparameters, ...measured].map((name) => [name, readColumn(table, name)]));
  const values = (of: readonly string[]) => Object.fromEntries(of.map((name) => [name, read.get(name)!.values]));
  const named = [...read].flatMap(([name, { categories }]) => (categories ? [[name, categories] as const] : []));
  const texts = mergeColumnTexts(columnTexts(table));
  const source = measurements<string>(zip(values(hyperparameters)), {
    metrics: values(measured),
    categories: Object.fromEntries(named),
    columns: mergeColumnTexts(Object.fromEntries(Object.entries(texts).filter(([name]) => read.has(name))), columns),
  });
  return states ? { ...source, states } : source;
}

type Kind = "numbers" | "texts";

/** What the values are that are there; undefined where there are none, or others. */
function kindOf(values: readonly unknown[]): Kind | undefined {
  const types = new Set(values.filter((value) => value !== null && value !== undefined).map((value) => typeof value));
  if (types.size === 0) return undefined;
  if ([...types].every((type) => type === "number" || type === "bigint" || type === "boolean")) return "numbers";
  return types.size === 1 && types.has("string") ? "texts" : undefined;
}

function readColumn(table: ColumnTable, name: string): { values: Float64Array; categories?: string[] } {
  const values = Array.from(table.array(name) as ArrayLike<unknown>);
  const kind = kindOf(values);
  if (kind === undefined) {
    throw new TypeError(`fromTable: the column "${name}" holds neither numbers nor texts; leave it out.`);
  }
  const isThere = (value: unknown) => value !== null && value !== undefined;
  if (kind === "numbers") {
    return { values: Float64Array.from(values, (value) => (isThere(value) ? Number(value) : NaN)) };
  }
  const categories = [...new Set(values.filter(isThere) as string[])].sort();
  const indices = new Map(categories.map((category, index) => [category, index]));
  return { values: Float64Array.from(values, (value) => indices.get(value as string) ?? NaN), categories };
}

/** States of members, if the table has a column that tells them. */
function statesOf(table: ColumnTable): Uint8Array | undefined {
  if (!table.columnNames().includes("state")) return undefined;
  const codes = Array.from(table.array("state") as ArrayLike<MemberState>, (state) => MEMBER_STATES.indexOf(state));
  return codes.includes(-1) ? undefined : Uint8Array.from(codes);
}
