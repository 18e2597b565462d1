import { textField } from "../../kernel/front/content.js";
import { type Notebook, type Output, codeCells, textOf } from "../notebooks/notebook.js";
import { CellOutputs } from "./cell-outputs.js";
import { checkExercises, type ExerciseResult } from "./check-exercises.js";
import { InputAsked, KernelGone, KernelSession, type SessionOptions } from "./kernel-session.js";

/** How a run ended: through all cells, or why not. */
export type RunState = "ran" | "failed" | "timed out" | "out of memory" | "asked for input" | "interrupted" | "skipped";

export interface NotebookRun {
  readonly state: RunState;
  /** Why it did not run through, with the cell's number. */
  readonly reason?: string;
  /** The notebook with the outputs of all cells that ran. */
  readonly notebook: Notebook;
  /** ISO 8601. */
  readonly started: string;
  readonly seconds: number;
  /** What came of the exercises, when they were run. */
  readonly exercises?: readonly ExerciseResult[];
}

export interface RunOptions extends SessionOptions {
  /** Time that all cells together may take. */
  readonly timeoutMs: number;
  /** Whether the exercises are run, too, after the cells. */
  readonly exercises: boolean;
  /** Ends the run, which is then `interrupted`. */
  readonly signal: AbortSignal;
  /** Called before each cell with its number, from 1, and the number of cells. */
  readonly onCell: (cell: number, cells: number) => void;
}

/** Runs all code cells of a notebook in order with a fresh kernel, until one fails. Never rejects for what the notebook does. */
export async function runNotebook(notebook: Notebook, options: RunOptions): Promise<NotebookRun> {
  const copy = structuredClone(notebook);
  const start = performance.now();
  const started = new Date().toISOString();
  const end = await runCells(copy, options);
  return { ...end, notebook: copy, started, seconds: (performance.now() - start) / 1000 };
}

type End = Pick<NotebookRun, "state" | "reason" | "exercises">;

async function runCells(notebook: Notebook, options: RunOptions): Promise<End> {
  for (const cell of codeCells(notebook)) Object.assign(cell, { outputs: [], execution_count: null });
  let session: KernelSession | undefined;
  const limit = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  const close = () => void session?.close();
  limit.addEventListener("abort", close);
  let at = 0;
  try {
    session = await KernelSession.start(options);
    const all = new CellOutputs();
    const cells = codeCells(notebook);
    for (const cell of cells) {
      limit.throwIfAborted();
      options.onCell(++at, cells.length);
      const outputs: Output[] = (cell.outputs = []);
      const reply = await session.execute(textOf(cell.source), (publication) => all.take(outputs, publication));
      cell.execution_count = at;
      if (reply["status"] !== "ok") return failure(at, textField(reply, "ename"), textField(reply, "evalue"));
    }
    return { state: "ran", ...(options.exercises && { exercises: await checkExercises(notebook, session) }) };
  } catch (error) {
    if (options.signal.aborted) return { state: "interrupted", reason: `stopped in cell ${at}` };
    if (limit.aborted) return { state: "timed out", reason: `cell ${at} did not end within the time limit` };
    if (error instanceof InputAsked) return { state: "asked for input", reason: `cell ${at} asks: ${error.message}` };
    if (error instanceof KernelGone) return { state: "failed", reason: `cell ${at}: ${error.message}` };
    throw error;
  } finally {
    limit.removeEventListener("abort", close);
    await session?.close();
  }
}

const failure = (cell: number, name: string, message: string): End => ({
  state: name === "MemoryLimitError" ? "out of memory" : "failed",
  reason: `cell ${cell}: ${name}: ${message}`,
});
