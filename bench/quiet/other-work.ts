import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Share of all processors that others may use while something is timed. */
const MOST_FOREIGN = 0.06;
/** Of the kernel's counters of processor time, all but those of idling. */
const IDLE_COLUMNS = [3, 4];
const TICKS_PER_SECOND = 100;

/** What this system's other processes do from now on; nothing, where the system does not tell. */
export class OtherWork {
  readonly #start = performance.now();
  readonly #busy = busySeconds();
  readonly #own: number;

  /** `pids`: processes that work for us, beside this one and those whose end it has awaited. */
  constructor(private readonly pids: readonly (number | undefined)[] = []) {
    this.#own = ownSeconds(pids);
  }

  /** Whether they used no more than a few percent of the processors so far. */
  areIdle(): boolean {
    const seconds = (performance.now() - this.#start) / 1000;
    const foreign = busySeconds() - this.#busy - (ownSeconds(this.pids) - this.#own);
    // A counter ticks a hundred times a second only.
    const unknown = 2 / TICKS_PER_SECOND;
    return !(foreign - unknown > MOST_FOREIGN * seconds * availableParallelism());
  }
}

/** Seconds that all processors have worked since the system started; NaN where that is not known. */
function busySeconds(): number {
  if (!existsSync("/proc/stat")) return NaN;
  const [, ...columns] = readFileSync("/proc/stat", "utf8").split("\n")[0]!.split(/\s+/);
  return columns.reduce((sum, ticks, i) => sum + (IDLE_COLUMNS.includes(i) ? 0 : Number(ticks)), 0) / TICKS_PER_SECOND;
}

const ownSeconds = (pids: readonly (number | undefined)[]): number =>
  [process.pid, ...pids].reduce<number>((sum, pid) => sum + (pid === undefined ? 0 : secondsOf(pid)), 0);

/** Seconds that a process, its threads and the children whose end it has awaited have worked. */
function secondsOf(pid: number): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return 0;
  const fields = readFileSync(file, "utf8").split(") ").at(-1)!.split(" ");
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
}
