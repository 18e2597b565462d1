/** From a local TypeScript file to a JavaScript module with the same lines and columns, or with a source map. */
import type TypeScript from "typescript";
import { codeFrame } from "../link/code-frame.js";
import { lineStarts, locate } from "./mapped-text.js";
import { needsTranspiling, type EmitOptions } from "./transpile.js";
import { blankSourceFile, ts } from "./typescript.js";

/** The module's JavaScript and the specifiers it imports. Throws a SyntaxError that names file, line and column. */
export function compileModule(
  path: string,
  source: string,
  emit: EmitOptions,
): { javascript: string; imports: string[] } {
  const kind = path.endsWith(".tsx") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const options = { languageVersion: ts.ScriptTarget.ESNext, impliedNodeFormat: ts.ModuleKind.ESNext } as const;
  const sourceFile = ts.createSourceFile(path, source, options, true, kind);
  const result = needsTranspiling(sourceFile) ? undefined : blankSourceFile(sourceFile);
  const { outputText = "", diagnostics = [] } = result === undefined ? transpileModule(path, source, emit) : {};
  const problems = result === undefined ? diagnostics : syntaxErrors(sourceFile);
  if (problems[0]?.start !== undefined) throw syntaxError(path, source, problems[0], problems[0].start);
  const imports = ts.preProcessFile(source, true, true).importedFiles.map(({ fileName }) => fileName);
  return { javascript: result ?? outputText, imports };
}

/** Where the functions of a module begin that exist before it runs; lines and columns from 0. */
export function hoistedFunctions(source: string): [line: number, column: number][] {
  const file = ts.createSourceFile("module.tsx", source, ts.ScriptTarget.ESNext);
  const starts = lineStarts(source);
  return file.statements.filter(ts.isFunctionDeclaration).map((statement) => {
    const exported = statement.modifiers?.findLast(({ kind }) => kind !== ts.SyntaxKind.AsyncKeyword);
    if (exported === undefined) return locate(starts, statement.getStart(file));
    const [space = ""] = /^\s*/.exec(source.slice(exported.end)) ?? [];
    return locate(starts, exported.end + space.length);
  });
}

function transpileModule(path: string, source: string, emit: EmitOptions): TypeScript.TranspileOutput {
  return ts.transpileModule(source, {
    fileName: path,
    reportDiagnostics: true,
    compilerOptions: {
      jsx: ts.JsxEmit.ReactJSX,
      ...emit,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: false,
      inlineSourceMap: true,
    },
  });
}

function syntaxErrors(sourceFile: TypeScript.SourceFile): readonly TypeScript.Diagnostic[] {
  return (sourceFile as unknown as { parseDiagnostics: readonly TypeScript.Diagnostic[] }).parseDiagnostics;
}

function syntaxError(
  path: string,
  source: string,
  { messageText, length }: TypeScript.Diagnostic,
  start: number,
): SyntaxError {
  const [line, column] = locate(lineStarts(source), start);
  const message = ts.flattenDiagnosticMessageText(messageText, "\n");
  const where = `${path}:${line + 1}:${column + 1}`;
  const error = new SyntaxError(`${message} (${where})`);
  // Shown to users, whom the compiler's own frames would not help.
  error.stack = [`SyntaxError: ${message}`, `    at ${where}`, "", ...codeFrame(source, line, column, length)].join(
    "\n",
  );
  return error;
}
