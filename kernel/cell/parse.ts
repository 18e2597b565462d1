import type TypeScript from "typescript";
import { ts } from "./typescript.js";
import { lineStarts, locate } from "./mapped-text.js";

/** A syntax error in a cell, at a position that counts from 0. */
export interface SyntaxProblem {
  message: string;
  line: number;
  column: number;
  length: number;
  /** The text ends too early: more lines could complete it. */
  incomplete: boolean;
}

export interface ParsedCell {
  sourceFile: TypeScript.SourceFile;
  /** Whether it had to be read as TSX, where `<a>` is an element and not a type assertion. */
  tsx: boolean;
  problems: SyntaxProblem[];
}

/** Parses a cell as a module, so that `await`, imports and exports are allowed at its top level. */
export function parseCell(source: string): ParsedCell {
  const plain = parse(source, ts.ScriptKind.TS);
  if (plain.problems.length === 0) return { ...plain, tsx: false };
  const tsx = parse(source, ts.ScriptKind.TSX);
  return tsx.problems.length === 0 ? { ...tsx, tsx: true } : { ...plain, tsx: false };
}

function parse(source: string, kind: TypeScript.ScriptKind): Omit<ParsedCell, "tsx"> {
  const options: TypeScript.CreateSourceFileOptions = {
    languageVersion: ts.ScriptTarget.ESNext,
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
    // Without imports or exports TypeScript takes a file for a script and `await` for a name.
    setExternalModuleIndicator: (file) => Object.assign(file, { externalModuleIndicator: true }),
  };
  const sourceFile = ts.createSourceFile("cell.ts", source, options, /* setParentNodes */ true, kind);
  const { parseDiagnostics } = sourceFile as unknown as {
    parseDiagnostics: readonly TypeScript.DiagnosticWithLocation[];
  };
  const starts = lineStarts(source);
  const problems = parseDiagnostics.map((diagnostic) => {
    const [line, column] = locate(starts, diagnostic.start);
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
    return { message, line, column, length: diagnostic.length, incomplete: endsTooEarly(source, diagnostic) };
  });
  return { sourceFile, problems };
}

/** Unterminated comment and template; other errors are of this kind when the parser met the end of the text. */
const UNTERMINATED = new Set([1010, 1160]);

function endsTooEarly(source: string, { start, code }: TypeScript.DiagnosticWithLocation): boolean {
  return UNTERMINATED.has(code) || start >= source.trimEnd().length;
}
