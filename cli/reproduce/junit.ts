import { escape } from "./markup.js";
import type { NotebookReport, Report } from "./report.js";

/** One check of a notebook: passed without a problem. */
interface Check {
  readonly name: string;
  readonly problem?: string;
  readonly kind?: "failure" | "error" | "skipped";
}

/** The report as JUnit XML: a suite for each notebook; its run, every claim, exercise and figure, and printed texts are cases. */
export function junit({ notebooks, started }: Report): string {
  const suites = notebooks.map((notebook) => suite(notebook, started));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="phasebook reproduce">\n${suites.join("\n")}\n</testsuites>\n`;
}

function suite(notebook: NotebookReport, started: string): string {
  const checks = checksOf(notebook);
  const count = (kind: Check["kind"]) => checks.filter((check) => check.kind === kind).length;
  const counts = `tests="${checks.length}" failures="${count("failure")}" errors="${count("error")}" skipped="${count("skipped")}"`;
  const times = `time="${(notebook.seconds ?? 0).toFixed(3)}" timestamp="${notebook.started ?? started}"`;
  const cases = checks.map(({ name, kind, problem = "" }) => {
    const open = `    <testcase classname="${escape(notebook.id)}" name="${escape(name)}"`;
    return kind ? `${open}><${kind} message="${escape(problem)}"/></testcase>` : `${open}/>`;
  });
  return `  <testsuite name="${escape(notebook.id)}" ${counts} ${times}>\n${cases.join("\n")}\n  </testsuite>`;
}

function checksOf({
  state,
  reason = state,
  match,
  notes,
  claims = [],
  exercises = [],
  figures = [],
  texts = [],
}: NotebookReport): Check[] {
  const skipped = state === "skipped" || state === "interrupted";
  if (state !== "ran") return [{ name: "runs", kind: skipped ? "skipped" : "error", problem: `${state}: ${reason}` }];
  return [
    { name: "runs" },
    ...(match === "edited" ? [{ name: "unedited", kind: "failure", problem: notes[0] ?? match } as const] : []),
    ...claims.map(({ id, claim, outcome, note }): Check => {
      const name = `claim ${id}: ${claim.statement}`;
      return outcome === "met" ? { name } : { name, kind: "failure", problem: note ? `${outcome}: ${note}` : outcome };
    }),
    ...exercises.map(({ name, outcome, note }): Check =>
      outcome === "holds" ? { name } : { name, kind: "failure", problem: note ? `${outcome}: ${note}` : outcome },
    ),
    ...figures.map(({ title, outcome }): Check => {
      const name = `figure: ${title}`;
      return outcome === "same" || outcome === "other settings"
        ? { name }
        : { name, kind: "failure", problem: outcome };
    }),
    ...texts.map(({ cell }): Check => ({ name: `cell ${cell} prints`, kind: "failure", problem: "another text" })),
  ];
}
