/** What a cell declares for the cells after it: values and types. */
import type TypeScript from "typescript";
import { boundNames, hasModifier } from "../cell/names.js";
import { ts } from "../cell/typescript.js";

/** How later cells take over a name: variables by their type, so that they can be assigned; the rest by an import. */
export type DeclarationKind = "let" | "const" | "import";

export interface Declarations {
  kinds: Map<string, DeclarationKind>;
  /** Names that the cell does not export by itself. */
  unexported: string[];
  /** All identifiers in the cell. */
  used: Set<string>;
  /** Modules of the cell's import declarations. */
  imported: string[];
}

export function collectDeclarations(sourceFile: TypeScript.SourceFile): Declarations {
  const kinds = new Map<string, DeclarationKind>();
  const exported = new Set<string>();
  for (const statement of sourceFile.statements) {
    const isExported = hasModifier(statement, ts.SyntaxKind.ExportKeyword);
    for (const [name, kind] of declarationsOf(statement)) {
      kinds.set(name, kind);
      if (isExported) exported.add(name);
    }
    for (const name of exportedNames(statement)) exported.add(name);
  }
  return {
    kinds,
    unexported: [...kinds.keys()].filter((name) => !exported.has(name)),
    used: identifiers(sourceFile),
    imported: sourceFile.statements.flatMap(importedModule),
  };
}

function declarationsOf(statement: TypeScript.Statement): [string, DeclarationKind][] {
  if (ts.isVariableStatement(statement)) {
    const kind = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0 ? "const" : "let";
    return statement.declarationList.declarations.flatMap(({ name }) =>
      boundNames(name).map((bound): [string, DeclarationKind] => [bound, kind]),
    );
  }
  if (ts.isImportDeclaration(statement)) return importedNames(statement).map((name) => [name, "import"]);
  if (isNamed(statement) && statement.name !== undefined && ts.isIdentifier(statement.name))
    return [[statement.name.text, "import"]];
  return [];
}

function isNamed(statement: TypeScript.Statement): statement is TypeScript.DeclarationStatement {
  return (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement) ||
    ts.isModuleDeclaration(statement) ||
    ts.isImportEqualsDeclaration(statement)
  );
}

function importedNames({ importClause: clause }: TypeScript.ImportDeclaration): string[] {
  const names = clause?.name === undefined ? [] : [clause.name.text];
  const bindings = clause?.namedBindings;
  if (bindings === undefined) return names;
  const bound = ts.isNamespaceImport(bindings) ? [bindings.name.text] : bindings.elements.map(({ name }) => name.text);
  return [...names, ...bound];
}

function importedModule(statement: TypeScript.Statement): string[] {
  if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
  return [statement.moduleSpecifier.text];
}

function exportedNames(statement: TypeScript.Statement): string[] {
  if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier !== undefined) return [];
  const clause = statement.exportClause;
  return clause !== undefined && ts.isNamedExports(clause) ? clause.elements.map(({ name }) => name.text) : [];
}

function identifiers(root: TypeScript.Node): Set<string> {
  const names = new Set<string>();
  const visit = (node: TypeScript.Node): void => {
    if (ts.isIdentifier(node)) names.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return names;
}
