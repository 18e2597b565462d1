import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CASES, nameOf } from "../ensembles/cases.js";
import { interleaved } from "../quiet/index.js";
import { lessIsBetter, median, type Row } from "../report.js";

/** A process takes half a second: these take half a minute. */
const ROUNDS = 20;
/** What a notebook's user does not notice. */
const WANTED_MS = 150;

/** From the call of `train` to the end of the first step of all members, in fresh processes that have loaded the library. */
export async function start(): Promise<{ rows: Row[] }> {
  const program = fileURLToPath(new URL("first-step.js", import.meta.url));
  const firstStep = (argument: "cold" | "warm" | "rehearsed", which: 0 | 1) => ({
    measure: () =>
      Promise.resolve(
        Number(execFileSync(process.execPath, [program, argument], { encoding: "utf8" }).split(" ")[which]),
      ),
  });
  const runs = await interleaved(
    [firstStep("rehearsed", 0), firstStep("cold", 0), firstStep("warm", 0), firstStep("warm", 1)],
    ROUNDS,
  );
  const names = ["after a rehearsal", "threads not started", "threads started", "the same again"];
  const rows = runs.map((times, i) =>
    lessIsBetter(
      `${nameOf(CASES[0]!)}, ${names[i]}`,
      "ms from trace to first step",
      median(times),
      WANTED_MS,
      "wanted",
    ),
  );
  return { rows };
}
