import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setTimeout as wait } from "node:timers/promises";

/** Share of all processors that others may use while something is timed. */
const MOST_FOREIGN = 0.06;
const MOST_TRIES = 20;
/** Of the kernel's counters of processor time, all but those of idling. */
const IDLE_COLUMNS = [3, 4];
const TICKS_PER_SECOND = 100;

/**
 * Repeats a measurement until nobody else used more than a few percent of the machine meanwhile (twenty times at most;
 * where the system does not tell, once). `child`: the process that works, if not this one.
 */
export async function inQuiet(measure: () => Promise<number>, child?: number): Promise<number> {
  for (let tries = 1; ; tries++) {
    const [busy, own, start] = [busySeconds(), ownSeconds(child), performance.now()];
    const result = await measure();
    const seconds = (performance.now() - start) / 1000;
    const foreign = (busySeconds() - busy - (ownSeconds(child) - own)) / (seconds * availableParallelism());
    if (!(foreign > MOST_FOREIGN) || tries === MOST_TRIES) return result;
    await wait(500);
  }
}

/** Seconds that all processors have worked since the system started; NaN where that is not known. */
function busySeconds(): number {
  if (!existsSync("/proc/stat")) return NaN;
  const [, ...columns] = readFileSync("/proc/stat", "utf8").split("\n")[0]!.split(/\s+/);
  return columns.reduce((sum, ticks, i) => sum + (IDLE_COLUMNS.includes(i) ? 0 : Number(ticks)), 0) / TICKS_PER_SECOND;
}

/** Seconds that this process, its threads and the child have worked. */
function ownSeconds(child: number | undefined): number {
  const { user, system } = process.cpuUsage();
  if (child === undefined || !existsSync(`/proc/${child}/stat`)) return (user + system) / 1e6;
  const fields = readFileSync(`/proc/${child}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (user + system) / 1e6 + (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
