/** `phasebook reproduce`: runs notebooks, compares what came out with what was committed, and reports. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Entry } from "../notebooks/catalogue.js";
import { claimsOf, codeDigest, type Notebook, type Settings, sha256, type Size } from "../notebooks/notebook.js";
import { parametersOf, withParameters } from "../notebooks/parameters.js";
import { CommandError } from "../command-error.js";
import { comparable, compareNotebooks } from "./compare.js";
import { clean, workingFolder } from "./folders.js";
import { jobsFor, memoryLimitMB } from "./memory.js";
import { Progress } from "./progress.js";
import { type Provenance, provenanceOf } from "./provenance.js";
import { exitCodeOf, matchOf, type NotebookReport, type Report } from "./report.js";
import { type NotebookRun, runNotebook } from "./run-notebook.js";
import { RunStore } from "./run-store.js";
import { updateNotebook } from "./update.js";
import { writeReports } from "./write-reports.js";

export interface ReproduceOptions {
  readonly entries: readonly Entry[];
  /** Folder of this package. */
  readonly packageRoot: string;
  /** Parameters in place of the notebooks' own. */
  readonly size?: Size | undefined;
  readonly seed?: number | undefined;
  readonly engine?: string | undefined;
  /** Folder of the report. */
  readonly report: string;
  /** Time for everything; what has not ended then is stopped or skipped. */
  readonly budgetMs?: number | undefined;
  /** Time for each notebook. */
  readonly timeoutMs: number;
  /** Takes what an earlier run into the same folder has finished with the same settings. */
  readonly resume: boolean;
  /** Writes the outputs into the notebooks themselves: how they are made. */
  readonly update: boolean;
  /** Runs the exercises' stubs and solutions, too. */
  readonly exercises: boolean;
  /** The command line, for the report. */
  readonly command: string;
  readonly signal: AbortSignal;
}

/** Resolves with the exit code, see {@link exitCodeOf}; the report is on the disk after each notebook. */
export async function reproduce(options: ReproduceOptions): Promise<number> {
  const { entries, packageRoot, report: folder } = options;
  const started = new Date().toISOString();
  const provenance = await provenanceOf(packageRoot, join(dirname(entries[0]!.path), "data"), options.engine);
  const plans = entries.map((entry) => planOf(entry, provenance, options));
  if (!options.resume) await clean(folder);
  await mkdir(folder, { recursive: true });
  const store = new RunStore(folder);
  const reports = new Map<string, NotebookReport>();
  const budget = AbortSignal.timeout(options.budgetMs ?? 2 ** 31 - 1);
  const progress = new Progress(plans.length);
  const save = async (): Promise<Report> => {
    const notebooks = plans.flatMap(({ entry }) => reports.get(entry.path) ?? []);
    const { command, size, seed } = options;
    const exitCode = exitCodeOf(notebooks);
    const ended = new Date().toISOString();
    const report: Report = { command, size, seed, started, ended, exitCode, provenance, notebooks };
    await writeReports(folder, report, (id) => store.fileOf(id));
    return report;
  };
  const queue = [...plans];
  const work = async (): Promise<void> => {
    for (let plan; (plan = queue.shift());) {
      const run = await runOf(plan, { ...options, budget, store, progress, jobs });
      if (options.update && run.state === "ran") plan.entry = await updateNotebook(plan.entry, run, plan.settings);
      reports.set(plan.entry.path, reportOf(plan, run));
      await save();
      progress.ended(reports.get(plan.entry.path)!);
    }
  };
  const jobs = jobsFor(plans.length);
  await Promise.all(Array.from({ length: jobs }, work));
  const report = await save();
  progress.finished(report, folder);
  return report.exitCode;
}

/** What is to run. */
interface Plan {
  /** With the notebook that is compared with. */
  entry: Entry;
  /** With the parameters that were asked for. */
  readonly notebook: Notebook;
  readonly settings: Settings;
  /** Changes whenever another result could come out. */
  readonly key: string;
}

function planOf(entry: Entry, { engine, phasebook, commit, dirty }: Provenance, options: ReproduceOptions): Plan {
  const { size, seed, exercises } = options;
  try {
    const changed = { ...(size !== undefined && { size }), ...(seed !== undefined && { seed }) };
    const notebook = withParameters(entry.notebook, changed);
    const settings = { size: "toy", seed: 0, ...parametersOf(notebook), engine: engine.name } as const;
    const key = sha256(JSON.stringify([codeDigest(notebook), settings, phasebook, commit, dirty, exercises]));
    return { entry, notebook, settings, key };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(`${entry.path}: ${error.message}`);
  }
}

/** A notebook that was not started. */
interface Skipped {
  readonly state: "skipped";
  readonly reason: string;
}

interface RunContext extends ReproduceOptions {
  readonly budget: AbortSignal;
  readonly store: RunStore;
  readonly progress: Progress;
  readonly jobs: number;
}

async function runOf(plan: Plan, context: RunContext): Promise<NotebookRun | Skipped> {
  const { entry, notebook, key, settings } = plan;
  const { budget, store, progress, signal } = context;
  const earlier = context.resume ? await store.find(entry.id, key) : undefined;
  if (earlier) return earlier;
  if (budget.aborted) return { state: "skipped", reason: "the budget was spent" };
  if (signal.aborted) return { state: "skipped", reason: "the command was stopped" };
  const folder = await workingFolder(entry);
  try {
    const run = await runNotebook(notebook, {
      packageRoot: context.packageRoot,
      folder: folder.path,
      timeoutMs: context.timeoutMs,
      exercises: context.exercises,
      signal: AbortSignal.any([signal, budget]),
      onCell: (cell, cells) => progress.cell(entry.id, cell, cells),
      env: {
        PHASEBOOK_ENGINE: settings.engine,
        PHASEBOOK_TYPECHECK: "error",
        PHASEBOOK_MEMORY_LIMIT_MB: process.env["PHASEBOOK_MEMORY_LIMIT_MB"] ?? String(memoryLimitMB(context.jobs)),
      },
    });
    // A run that did not end by itself says nothing about the notebook: resuming repeats it.
    if (run.state !== "interrupted") await store.save(entry.id, key, run);
    return run;
  } finally {
    await folder.remove();
  }
}

function reportOf({ entry, settings }: Plan, run: NotebookRun | Skipped): NotebookReport {
  const { id, title, path } = entry;
  const about = { id, title, file: path, sha256: sha256(JSON.stringify(entry.notebook)), settings };
  const reason = run.reason === undefined ? {} : { reason: run.reason };
  if (!("notebook" in run)) return { ...about, ...reason, state: run.state, match: "not compared", notes: [] };
  const { started, seconds, state, exercises } = run;
  const executed = entry.notebook.metadata.phasebook?.executed;
  const same = comparable(executed, settings);
  const edited = executed?.code !== codeDigest(entry.notebook);
  const comparison = compareNotebooks(entry.notebook, run.notebook, { same: same && !edited, whole: state === "ran" });
  return {
    ...{ ...about, ...reason, state, started, seconds, ...comparison, ...(exercises && { exercises }) },
    match: state === "ran" ? matchOf(comparison, edited, exercises) : "not compared",
    notes: [
      ...(edited ? ["The committed outputs were not made by the committed code."] : []),
      ...(same || edited ? [] : ["Seed, size or engine differ from the committed run: only claims are compared."]),
      ...(claimsOf(entry.notebook).length === 0 ? ["The committed notebook claims nothing."] : []),
    ],
  };
}
