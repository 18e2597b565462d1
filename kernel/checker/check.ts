import type TypeScript from "typescript";
import { lineStarts, locate } from "../cell/mapped-text.js";
import { ts } from "../cell/typescript.js";
import type { CellModules } from "./cell-modules.js";
import type { RecordedCell, TypeProblem } from "./messages.js";

/**
 * Rules of modules that cells need not keep: names of earlier cells may be redeclared, `await` may stand anywhere at
 * the top level, and an import may be of a type alone.
 */
const NOT_FOR_CELLS = new Set([1375, 1378, 1432, 2440, 2451, 2300]);

/** Type errors of a cell: of one that was recorded, or of one that may yet run. */
export function check(
  modules: CellModules,
  service: TypeScript.LanguageService,
  { id, source }: RecordedCell,
): TypeProblem[] {
  const { path, length } = modules.stage(source, id);
  const starts = lineStarts(source);
  return service
    .getSemanticDiagnostics(path)
    .filter(({ start, code }) => start !== undefined && start < length && !NOT_FOR_CELLS.has(code))
    .map((diagnostic) => toProblem(diagnostic, starts));
}

function toProblem(
  { start = 0, length = 1, code, messageText, category }: TypeScript.Diagnostic,
  starts: number[],
): TypeProblem {
  const [line, column] = locate(starts, start);
  const severity = category === ts.DiagnosticCategory.Error ? "error" : "warning";
  return { code, message: ts.flattenDiagnosticMessageText(messageText, "\n"), line, column, length, severity };
}
