/** From a cell's TypeScript to the script that the evaluator runs. */
import type { CompiledCell, PositionMap } from "../link/messages.js";
import { fixed, originalPosition } from "../link/positions.js";
import { declaredNames } from "./names.js";
import { parseCell, type SyntaxProblem } from "./parse.js";
import { rewrite } from "./rewrite.js";
import { isInTry, needsTranspiling, transpile, type EmitOptions } from "./transpile.js";
import { blankSourceFile } from "./typescript.js";

export interface CompileOptions {
  /** Globals of the evaluator before any cell ran. */
  globals: ReadonlySet<string>;
  /** Those of them that cells have redefined; names that this cell redefines are added. */
  shadowed: Set<string>;
  emit: EmitOptions;
}

/** The cell cannot be compiled; `problems` has at least one entry. */
export class CellSyntaxError extends SyntaxError {
  constructor(readonly problems: SyntaxProblem[]) {
    super(problems[0]?.message);
  }
}

/** Throws a {@link CellSyntaxError} for what TypeScript cannot parse. */
export function compileCell(name: string, source: string, { globals, shadowed, emit }: CompileOptions): CompiledCell {
  const { sourceFile, tsx, problems } = parseCell(source);
  if (problems.length > 0) throw new CellSyntaxError(problems);
  for (const declared of sourceFile.statements.flatMap(declaredNames))
    if (globals.has(declared)) shadowed.add(declared);
  if (!needsTranspiling(sourceFile)) {
    const { text, positions } = rewrite(sourceFile, blankSourceFile(sourceFile), shadowed);
    return { name, source, script: text, positions };
  }
  const translated = transpile(source, tsx, emit);
  const translatedFile = parseCell(translated.javascript).sourceFile;
  const { text, positions } = rewrite(translatedFile, translated.javascript, shadowed, isInTry(sourceFile));
  return { name, source, script: text, positions: compose(positions, translated.positions) };
}

/** The map from the last text to the first, of two maps in a row: an entry for each of either's. */
function compose(outer: PositionMap, inner: PositionMap): PositionMap {
  const composed: PositionMap = [];
  for (let i = 0; i < outer.length; i += 4) {
    const [line = 0, column = 0, middleLine = 0, middleColumn = 0, nextLine, nextColumn = 0] = outer.slice(i, i + 6);
    if (middleColumn < 0) {
      const [originalLine, originalColumn] = originalPosition(inner, middleLine, fixed(middleColumn));
      composed.push(line, column, originalLine, fixed(originalColumn));
      continue;
    }
    composed.push(line, column, ...originalPosition(inner, middleLine, middleColumn));
    for (let j = 0; j < inner.length; j += 4) {
      const [entryLine = 0, entryColumn = 0, originalLine = 0, originalColumn = 0] = inner.slice(j, j + 4);
      if (entryLine < middleLine || (entryLine === middleLine && entryColumn <= middleColumn)) continue;
      const outerLine = entryLine - middleLine + line;
      const outerColumn = entryLine === middleLine ? entryColumn - middleColumn + column : entryColumn;
      if (nextLine !== undefined && (outerLine > nextLine || (outerLine === nextLine && outerColumn >= nextColumn)))
        break;
      composed.push(outerLine, outerColumn, originalLine, originalColumn);
    }
  }
  return composed;
}
