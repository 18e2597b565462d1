/** The imports of the project's sources, read with TypeScript's own parser. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { repositoryRoot } from "./paths.js";

/** One import of a source file. Paths are relative to the root of the repository, with forward slashes. */
export interface Import {
  readonly file: string;
  readonly line: number;
  readonly specifier: string;
  /** The source file that is meant; undefined for packages and built-in modules. */
  readonly target: string | undefined;
  /** `types`: gone at run time. `deferred`: a call of `import()`, which runs after the modules have been linked. */
  readonly kind: "linked" | "deferred" | "types";
}

/** All TypeScript sources under a folder, without what is built or installed. */
export function sourcesUnder(folder: string): string[] {
  const path = join(repositoryRoot, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return MADE.has(entry.name) ? [] : sourcesUnder(name);
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith(".d.ts") ? [name] : [];
  });
}

const MADE = new Set(["node_modules", "lib", "labextension", "dist"]);

/** The imports, re-exports and `import()` calls and types of a source file. */
export function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(repositoryRoot, file), "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );
  const imports: Import[] = [];
  const visit = (node: ts.Node): void => {
    const found = importAt(node);
    if (found) {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      imports.push({ file, line, ...found, target: resolve(file, found.specifier) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return imports;
}

function importAt(node: ts.Node): Pick<Import, "specifier" | "kind"> | undefined {
  if (ts.isImportDeclaration(node)) {
    return named(
      node.moduleSpecifier,
      node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? "types" : "linked",
    );
  }
  if (ts.isExportDeclaration(node)) return named(node.moduleSpecifier, node.isTypeOnly ? "types" : "linked");
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return named(node.argument.literal, "types");
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return named(node.arguments[0], "deferred");
  }
  return undefined;
}

function named(node: ts.Node | undefined, kind: Import["kind"]): Pick<Import, "specifier" | "kind"> | undefined {
  return node && ts.isStringLiteralLike(node) ? { specifier: node.text, kind } : undefined;
}

function resolve(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const path = join(repositoryRoot, dirname(file), specifier);
  const candidates = [path.replace(/\.js$/, ".ts"), path.replace(/\.js$/, ".tsx"), `${path}.ts`, `${path}.tsx`, path];
  const target = candidates.find((candidate) => existsSync(candidate)) ?? path;
  return relative(repositoryRoot, target).replaceAll("\\", "/");
}
