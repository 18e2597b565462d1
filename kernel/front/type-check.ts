/** Type errors beside the results, and `%typecheck off|warn|error`. */
import type { Checker } from "../checker/client.js";
import type { RecordedCell, TypeProblem } from "../checker/messages.js";
import { codeFrame } from "../link/code-frame.js";
import type { ErrorReport } from "../link/messages.js";
import type { JsonObject } from "../wire/message.js";

/** `warn` shows type errors while the cell runs; `error` does not run a cell that has some; `off` loads no checker. */
export type TypeCheckMode = "off" | "warn" | "error";

const MODES: readonly string[] = ["off", "warn", "error"];
const MAGIC = /^%typecheck(?:[ \t]+(\S+))?[ \t]*$/m;

export class TypeCheck {
  mode: TypeCheckMode;
  readonly #checker: Checker;

  constructor(checker: Checker, mode: TypeCheckMode) {
    this.#checker = checker;
    this.mode = mode;
  }

  /** Obeys a `%typecheck` line and returns the code with blanks in its place. Throws for an unknown mode. */
  takeMagic(code: string): string {
    const mode = magicMode(code);
    if (mode === undefined) return code;
    if (!isMode(mode)) throw new TypeError(`%typecheck is "${mode}"; expected off, warn or error`);
    this.mode = mode;
    if (mode === "off") this.#checker.stop();
    return withoutMagic(code);
  }

  /** Makes the names of a cell that runs known to later ones. */
  record(cell: RecordedCell): void {
    this.#checker.record(cell);
  }

  /**
   * The cell's type errors; none where checking is off or the checker was stopped.
   *
   * @param options.patient Whether they may come after a pause.
   */
  async check(cell: RecordedCell, { patient = false } = {}): Promise<TypeProblem[]> {
    return this.mode === "off" ? [] : this.#checker.ask("check", { cell }, { patient }).catch(() => []);
  }

  /** Leaves the processors to a cell, but for what somebody waits for. */
  pause(): void {
    this.#checker.pause();
  }

  resume(): void {
    this.#checker.resume();
  }

  /** Has the user's first question answered soon, unless nothing is to be loaded. */
  prepareForQuestions(): void {
    if (this.mode !== "off") void this.#checker.prepareForQuestions();
  }
}

/** The code with blanks in the place of a `%typecheck` line. */
export function withoutMagic(code: string): string {
  return magicMode(code) === undefined ? code : code.replace(MAGIC, (line) => " ".repeat(line.length));
}

/** What a `%typecheck` line before all code asks for; undefined where there is none. */
function magicMode(code: string): string | undefined {
  const match = MAGIC.exec(code);
  return match === null || code.slice(0, match.index).trim() !== "" ? undefined : (match[1] ?? "");
}

/** The mode of the environment variable `PHASEBOOK_TYPECHECK`; `warn` without it. */
export function typeCheckMode({ PHASEBOOK_TYPECHECK: mode = "" }: NodeJS.ProcessEnv): TypeCheckMode {
  return isMode(mode) ? mode : "warn";
}

function isMode(text: string): text is TypeCheckMode {
  return MODES.includes(text);
}

/** The problems as a display. */
export function displayProblems({ name, source }: RecordedCell, problems: TypeProblem[]): JsonObject {
  const text = problems.map((problem) => describeProblem(name, source, problem)).join("\n\n");
  const style =
    "margin:0;padding:0.3em 0.6em;border-left:3px solid #d9822b;white-space:pre-wrap;font-size:var(--jp-code-font-size,13px)";
  const html = `<pre style="${style}">${text.replace(/&/g, "&amp;").replace(/</g, "&lt;")}</pre>`;
  return { data: { "text/plain": text, "text/html": html }, metadata: {}, transient: {} };
}

/** The problems as the error of a cell that was not run. */
export function reportProblems({ name, source }: RecordedCell, problems: TypeProblem[]): ErrorReport {
  const traceback = problems.flatMap((problem) => [...describeProblem(name, source, problem).split("\n"), ""]);
  return { ename: "TypeCheckError", evalue: problems[0]?.message ?? "", traceback };
}

function describeProblem(
  name: string,
  source: string,
  { message, code, line, column, length, severity }: TypeProblem,
): string {
  const header = `${name}:${line + 1}:${column + 1} - ${severity} TS${code}: ${message}`;
  return [header, ...codeFrame(source, line, column, length)].join("\n");
}
