import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { quietness } from "./quiet/index.js";

/** One comparison; `ratio` > 1 means that Phasebook is ahead. */
export interface Row {
  readonly case: string;
  readonly metric: string;
  readonly ours: number;
  /** Null where the peer has no figure; `absent` tells why. */
  readonly peer: number | null;
  readonly peerName: string;
  readonly ratio: number | null;
  readonly absent?: string;
  /** Floating-point operations that were counted for one step of a member. */
  readonly flops?: number;
  /** How sure the ratio is, where it is that of pairs. */
  readonly sure?: string;
  /** How many repetitions of the run that this row is from had a quiet interval. */
  readonly quiet?: string;
}

/** What a benchmark answers: its rows, and the versions of the peers it ran. */
export interface BenchResult {
  readonly rows: readonly Row[];
  readonly versions: Readonly<Record<string, string>>;
}

/** The row of a metric of which more is better. */
export function moreIsBetter(name: string, metric: string, ours: number, peer: number, peerName: string): Row {
  return { case: name, metric, ours, peer, peerName, ratio: ours / peer };
}

/** The row of a metric of which less is better. */
export function lessIsBetter(name: string, metric: string, ours: number, peer: number, peerName: string): Row {
  return { case: name, metric, ours, peer, peerName, ratio: peer / ours };
}

/** The row of a peer that lacks what is measured, or fails at it. */
export function absent(name: string, metric: string, ours: number, peerName: string, reason: string): Row {
  return { case: name, metric, ours, peer: null, peerName, ratio: null, absent: reason };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that the fraction `q` of the values, less than 1, does not reach. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * q)]!;
}

/**
 * Prints the rows; writes the whole report where asked.
 *
 * @param merge Whether rows of cases that were not measured now stay in the file.
 */
export function report(
  name: string,
  { rows, versions }: BenchResult,
  jsonFile: string | undefined,
  merge: boolean,
): void {
  const quiet = quietness();
  const told = rows.map((row): Row => (quiet === undefined ? row : { ...row, quiet }));
  const rounded = (value: number | null, digits: number) => value && Number(value.toPrecision(digits));
  const columns = rows.map(({ absent: reason, ...row }) => ({
    ...row,
    ours: rounded(row.ours, 4),
    peer: reason ?? rounded(row.peer, 4),
    ratio: rounded(row.ratio, 3),
  }));
  console.table(columns);
  if (quiet !== undefined) console.log(`Quiet: ${quiet}.`);
  if (jsonFile === undefined) return;
  const before =
    merge && existsSync(jsonFile) ? (JSON.parse(readFileSync(jsonFile, "utf8")) as BenchResult) : undefined;
  const measured = new Set(rows.map((row) => row.case));
  const allRows = [...(before?.rows ?? []).filter((row) => !measured.has(row.case)), ...told];
  const all = { ...before?.versions, node: process.version, phasebook: packageVersion(), ...versions };
  writeFileSync(jsonFile, `${JSON.stringify({ name, machine: machine(), versions: all, rows: allRows }, null, 2)}\n`);
}

function machine(): { processor: string; threads: number; memoryGiB: number; platform: string } {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? "unknown",
    threads: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
  };
}

function packageVersion(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
