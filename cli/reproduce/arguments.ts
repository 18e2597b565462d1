/** The command line of `phasebook reproduce`. */
import { join, resolve } from "node:path";
import { UsageError } from "../command-error.js";
import { findNotebooks, notebooksIn } from "../notebooks/catalogue.js";
import type { Size } from "../notebooks/notebook.js";
import { packageRoot } from "../package-root.js";
import { reproduce } from "./command.js";

export interface ReproduceArguments {
  all?: boolean;
  size?: string;
  seed?: string;
  engine?: string;
  report?: string;
  budget?: string;
  timeout?: string;
  resume?: boolean;
  update?: boolean;
  exercises?: boolean;
}

/** Exit code of a command that a signal stopped. */
const STOPPED = 130;

/** Notebooks take thousands of seeds from each, and there are 2³² of those. */
const LARGEST_SEED = 1_000_000;

/** Resolves with the exit code. */
export async function runReproduce(names: readonly string[], options: ReproduceArguments): Promise<number> {
  const folder = join(packageRoot, "notebooks");
  if ((options.all ?? false) === names.length > 0) {
    throw new UsageError("reproduce takes notebooks (`phasebook list` names them) or --all, one of the two.");
  }
  const entries = options.all ? await notebooksIn(folder) : await findNotebooks(names, folder);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, onSignal);
  const exitCode = await reproduce({
    entries,
    packageRoot,
    size: sizeOf(options.size),
    seed: seedOf(options.seed),
    engine: options.engine,
    report: resolve(options.report ?? "phasebook-report"),
    budgetMs: options.budget === undefined ? undefined : duration("budget", options.budget),
    timeoutMs: duration("timeout", options.timeout ?? (options.size === "full" ? "6h" : "10m")),
    resume: options.resume ?? false,
    update: options.update ?? false,
    exercises: options.exercises ?? false,
    command: ["npx phasebook", ...process.argv.slice(2).map(quoted)].join(" "),
    signal: stop.signal,
  });
  return stop.signal.aborted ? STOPPED : exitCode;
}

function sizeOf(text: string | undefined): Size | undefined {
  if (text === undefined || text === "toy" || text === "full") return text;
  throw new UsageError(`--size is "${text}"; it is toy or full.`);
}

function seedOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= LARGEST_SEED) return seed;
  throw new UsageError(`--seed is "${text}"; it is an integer from 0 to ${LARGEST_SEED}.`);
}

const UNITS: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3 };

/** Milliseconds of `20m`, `90s`, `1.5h`. */
function duration(name: string, text: string): number {
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  const milliseconds = Number(count) * (UNITS[unit] ?? NaN);
  if (milliseconds > 0) return milliseconds;
  throw new UsageError(`--${name} is "${text}"; give a time such as 90s, 20m or 1h.`);
}

/** An argument as a shell takes it. */
const quoted = (argument: string): string =>
  /^[\w./:=@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
