/** `phasebook list`: which notebooks there are, and what came of their claims. */
import type { ClaimRecord } from "../../src/protocol.js";
import type { Entry } from "./catalogue.js";
import { claimsOf, codeDigest } from "./notebook.js";
import { basename } from "node:path";

/** One notebook, as `--json` gives it. */
export interface Listing {
  id: string;
  title: string;
  file: string;
  claims: { total: number; exact: number; failed: number; open: number };
  /** Wall-clock time of the run that made the outputs; absent for those of unknown origin. */
  seconds?: number;
  /** Whether the outputs are those of the code that lies beside them. */
  current: boolean;
}

export function listing({ id, title, path, notebook }: Entry): Listing {
  const claims = claimsOf(notebook);
  const count = (test: (claim: ClaimRecord) => boolean) => claims.filter(test).length;
  const executed = notebook.metadata.phasebook?.executed;
  return {
    id,
    title: title.replace(/^[A-Z]\d+ · /, ""),
    file: basename(path),
    claims: {
      total: claims.length,
      exact: count(({ kind }) => kind === "exact"),
      failed: count(({ verdict }) => verdict === "disagrees" || verdict === "inconclusive"),
      open: count(({ kind }) => kind === "open"),
    },
    ...(executed && { seconds: executed.seconds }),
    current: executed?.code === codeDigest(notebook),
  };
}

/** For a terminal. */
export function listText(entries: readonly Entry[]): string {
  const rows = entries.map(listing).map((row) => [row.id, row.title, claimsText(row), timeText(row)]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")).join("\n");
}

/** The README's table. */
export function listMarkdown(entries: readonly Entry[]): string {
  const rows = entries
    .map(listing)
    .map((row) => [`[${row.id}](notebooks/${row.file})`, row.title, claimsText(row), timeText(row)]);
  const table = [["", "Notebook", "Claims", "Time"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(3, ...table.map((row) => row[column]!.length)));
  const line = (cells: string[], fill = " ") => `| ${cells.map((c, i) => c.padEnd(widths[i]!, fill)).join(" | ")} |`;
  return [line(table[0]!), line(["", "", "", ""], "-"), ...rows.map((row) => line(row))].join("\n");
}

function claimsText({ claims: { total, exact, failed, open } }: Listing): string {
  if (total === 0) return "none";
  const met = total - failed - open;
  const parts = [`${met} met (${exact} exact)`, failed > 0 && `${failed} failed`, open > 0 && `${open} open`];
  return parts.filter(Boolean).join(", ");
}

const timeText = ({ seconds, current }: Listing): string =>
  seconds === undefined ? "not measured" : `${Math.round(seconds)} s${current ? "" : " (edited since)"}`;
