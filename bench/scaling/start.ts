import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CASES, nameOf } from "../ensembles/cases.js";
import { inQuiet } from "../quiet.js";
import { lessIsBetter, median, type Row } from "../report.js";

const REPETITIONS = 7;
/** What a notebook's user does not notice. */
const WANTED_MS = 150;

/** From the call of `train` to the end of the first step of all members, in fresh processes that have loaded the library. */
export async function start(): Promise<{ rows: Row[] }> {
  const program = fileURLToPath(new URL("first-step.js", import.meta.url));
  const runs: Record<string, number[]> = { "threads not started": [], "threads started": [], "the same again": [] };
  for (let i = 0; i < REPETITIONS; i++) {
    for (const [key, argument] of [
      ["threads not started", "cold"],
      ["threads started", "warm"],
    ] as const) {
      // A process that has ended cannot be told from others any more: it is started when nobody else computes.
      await inQuiet(() => new Promise((resolve) => setTimeout(() => resolve(0), 100)));
      const [first, again] = execFileSync(process.execPath, [program, argument], { encoding: "utf8" })
        .split(" ")
        .map(Number);
      runs[key]!.push(first!);
      if (argument === "warm") runs["the same again"]!.push(again!);
    }
  }
  const rows = Object.entries(runs).map(([key, times]) =>
    lessIsBetter(`${nameOf(CASES[0]!)}, ${key}`, "ms from trace to first step", median(times), WANTED_MS, "wanted"),
  );
  return { rows };
}
