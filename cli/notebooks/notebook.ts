/** Notebooks as data: nbformat 4, and what Phasebook keeps in it. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { CLAIMS_MIME, type ClaimRecord, FIGURE_MIME, type FigurePayload, type Json } from "../../src/protocol.js";
import { CommandError } from "../command-error.js";

/** Text as nbformat stores it: whole, or line by line. */
export type MultilineText = string | string[];

export interface Output {
  output_type: "stream" | "display_data" | "execute_result" | "error";
  name?: string;
  text?: MultilineText;
  data?: Record<string, Json>;
  metadata?: Record<string, Json>;
  execution_count?: number | null;
  ename?: string;
  evalue?: string;
  traceback?: string[];
}

export interface Cell {
  cell_type: "code" | "markdown" | "raw";
  id?: string;
  metadata?: { tags?: string[] };
  source: MultilineText;
  execution_count?: number | null;
  outputs?: Output[];
}

/** Sizes in which a notebook can run: a minute on two cores, or what a GPU is for. */
export type Size = "toy" | "full";

/** What a notebook's results depend on besides its code. */
export interface Settings {
  readonly size: Size;
  readonly seed: number;
  readonly engine: string;
}

/** How the outputs that lie in a notebook were made. */
export interface Execution extends Settings {
  /** {@link codeDigest} of the code that ran. */
  readonly code: string;
  /** Wall-clock time of all cells. */
  readonly seconds: number;
}

export interface Notebook {
  cells: Cell[];
  metadata: { phasebook?: { segment?: string; talk?: string; executed?: Execution }; [key: string]: unknown };
  nbformat: number;
  nbformat_minor: number;
}

/** @throws {CommandError} when the file is no notebook */
export async function readNotebook(path: string): Promise<Notebook> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new CommandError(`Cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  });
  try {
    const notebook = JSON.parse(text) as Notebook;
    if (Array.isArray(notebook.cells)) return notebook;
  } catch {
    // Said below, in the same words.
  }
  throw new CommandError(`${path} is not a notebook of nbformat 4.`);
}

export const textOf = (text: MultilineText | undefined): string => (Array.isArray(text) ? text.join("") : (text ?? ""));

export const codeCells = ({ cells }: Notebook): Cell[] => cells.filter(({ cell_type }) => cell_type === "code");

export const outputsOf = ({ cells }: Notebook): Output[] => cells.flatMap(({ outputs = [] }) => outputs);

export const figuresOf = (notebook: Notebook): FigurePayload[] =>
  outputsOf(notebook).flatMap(({ data }) =>
    data?.[FIGURE_MIME] ? [data[FIGURE_MIME] as unknown as FigurePayload] : [],
  );

export const claimsOf = (notebook: Notebook): ClaimRecord[] =>
  outputsOf(notebook).flatMap(({ data }) => (data?.[CLAIMS_MIME] as unknown as ClaimRecord[] | undefined) ?? []);

/** The text of the first heading. */
export function titleOf({ cells }: Notebook): string | undefined {
  const headings = cells.filter(({ cell_type }) => cell_type === "markdown").map(({ source }) => textOf(source));
  return headings.map((text) => /^# (.+)$/m.exec(text)?.[1]).find((title) => title !== undefined);
}

/** SHA-256 of the code of all cells: outputs that were made by other code are out of date. */
export function codeDigest(notebook: Notebook): string {
  return sha256(JSON.stringify(codeCells(notebook).map(({ source }) => textOf(source))));
}

export const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");
