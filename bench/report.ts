import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

/** One comparison; `ratio` > 1 means that Phasebook is ahead. */
export interface Row {
  readonly case: string;
  readonly metric: string;
  readonly ours: number;
  readonly peer: number;
  readonly peerName: string;
  readonly ratio: number;
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

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Prints the rows; writes the whole report where asked. */
export function report(name: string, { rows, versions }: BenchResult, jsonFile: string | undefined): void {
  const columns = rows.map((row) => ({
    ...row,
    ours: Number(row.ours.toPrecision(4)),
    peer: Number(row.peer.toPrecision(4)),
    ratio: Number(row.ratio.toPrecision(3)),
  }));
  console.table(columns);
  if (jsonFile === undefined) return;
  const all = { node: process.version, phasebook: packageVersion(), ...versions };
  writeFileSync(jsonFile, `${JSON.stringify({ name, machine: machine(), versions: all, rows }, null, 2)}\n`);
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
