/** Cells as the files that debuggers take them for: named by a hash of their text, as JupyterLab computes it, too. */
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import type { CompiledCell } from "../link/messages.js";
import { murmur2 } from "./murmur2.js";

const HASH_SEED = 0xc70f6907;
/** Executions that are remembered: functions of older ones are no longer known to the debugger. */
const MAX_RUNS = 2000;

/** What `debugInfo` says about the names of cells. */
export const CELL_NAMING = {
  hashMethod: "Murmur2",
  hashSeed: HASH_SEED,
  tmpFilePrefix: join(tmpdir(), `phasebook_${process.pid}`) + sep,
  tmpFileSuffix: ".ts",
};

/** The path that stands for a cell's text; there is no such file. */
export function cellPath(code: string): string {
  const { tmpFilePrefix, tmpFileSuffix } = CELL_NAMING;
  return `${tmpFilePrefix}${murmur2(code, HASH_SEED)}${tmpFileSuffix}`;
}

/** An execution of a cell, whose functions may live on. */
export interface CellRun {
  path: string;
  cell: CompiledCell;
}

export class CellFiles {
  readonly #codes = new Map<string, string>();
  readonly #runs = new Map<string, CellRun>();

  /** Makes a cell's text known, and returns its path. */
  add(code: string): string {
    const path = cellPath(code);
    this.#codes.set(path, code);
    return path;
  }

  /** Notes an execution. One that took its name from an earlier one, as those outside the history do, replaces that. */
  addRun(code: string, cell: CompiledCell): CellRun {
    const run = { path: this.add(code), cell };
    this.#runs.delete(cell.name);
    this.#runs.set(cell.name, run);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > MAX_RUNS && oldest !== undefined) this.#runs.delete(oldest);
    return run;
  }

  /** Forgets the executions: their evaluator is gone. */
  clearRuns(): void {
    this.#runs.clear();
  }

  /** A cell's text; undefined for paths of files. */
  code(path: string): string | undefined {
    return this.#codes.get(path);
  }

  /** The execution with a name such as `Cell[3]`. */
  run(name: string): CellRun | undefined {
    return this.#runs.get(name);
  }

  runsOf(path: string): CellRun[] {
    return [...this.#runs.values()].filter((run) => run.path === path);
  }
}
