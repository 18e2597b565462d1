/** What a reproduction found, as data: the content of report.json, from which all other reports are made. */
import type { Settings, Size } from "../notebooks/notebook.js";
import type { Comparison } from "./compare.js";
import type { ExerciseResult } from "./check-exercises.js";
import type { Provenance } from "./provenance.js";
import type { RunState } from "./run-notebook.js";

/** Whether what ran agrees with what was committed. */
export type Match =
  "matched" | "claims failed" | "exercises failed" | "claims changed" | "figures differ" | "edited" | "not compared";

export interface NotebookReport extends Partial<Comparison> {
  readonly id: string;
  readonly title: string;
  readonly file: string;
  /** SHA-256 of the committed file. */
  readonly sha256: string;
  readonly state: RunState;
  /** Why it did not run through, or was skipped. */
  readonly reason?: string;
  readonly match: Match;
  /** What a reader should know besides the verdicts. */
  readonly notes: readonly string[];
  readonly settings: Settings;
  readonly started?: string;
  readonly seconds?: number;
  readonly exercises?: readonly ExerciseResult[];
}

export interface Report {
  readonly command: string;
  readonly size: Size | undefined;
  readonly seed: number | undefined;
  readonly started: string;
  readonly ended: string;
  readonly exitCode: number;
  readonly provenance: Provenance;
  readonly notebooks: readonly NotebookReport[];
}

/** In the order in which they come before one another when several hold. */
export const EXIT_CODES = { failedToRun: 2, claimFailed: 1, differs: 3, budgetSpent: 4, allMet: 0 } as const;

/**
 * 0 all claims met, 1 a claim or an exercise failed, 2 a notebook failed to run, 3 numbers or figures differ from the committed
 * ones, 4 budget spent: 2 before 1 before 3 before 4.
 */
export function exitCodeOf(notebooks: readonly Pick<NotebookReport, "state" | "match">[]): number {
  const states = new Set(notebooks.map(({ state }) => state));
  const matches = new Set(notebooks.map(({ match }) => match));
  const broken = (["failed", "timed out", "out of memory", "asked for input"] as const).some((s) => states.has(s));
  if (broken) return EXIT_CODES.failedToRun;
  if (matches.has("claims failed") || matches.has("exercises failed")) return EXIT_CODES.claimFailed;
  if ((["claims changed", "figures differ", "edited"] as const).some((m) => matches.has(m))) return EXIT_CODES.differs;
  return states.has("skipped") || states.has("interrupted") ? EXIT_CODES.budgetSpent : EXIT_CODES.allMet;
}

/** The verdict over a notebook that ran. */
export function matchOf(
  { claims, figures, texts }: Comparison,
  edited: boolean,
  exercises: readonly ExerciseResult[] = [],
): Match {
  if (claims.some(({ outcome }) => outcome !== "met" && outcome !== "changed")) return "claims failed";
  if (exercises.some(({ outcome }) => outcome !== "holds")) return "exercises failed";
  if (edited) return "edited";
  if (claims.some(({ outcome }) => outcome === "changed")) return "claims changed";
  const differs = figures.some(({ outcome }) => outcome !== "same" && outcome !== "other settings");
  if (differs || texts.length > 0) return "figures differ";
  return "matched";
}
