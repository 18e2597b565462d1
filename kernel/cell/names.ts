import type TypeScript from "typescript";
import { ts } from "./typescript.js";

/** The names that a pattern binds: `a` and `b` of `{ a, x: [b] }`. */
export function boundNames(name: TypeScript.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : boundNames(element.name)));
}

/** The value names that a top-level statement declares for later cells; nested `var` included. */
export function declaredNames(statement: TypeScript.Statement): string[] {
  if (isAmbient(statement)) return [];
  if (ts.isImportDeclaration(statement)) return importedNames(statement);
  if (ts.isImportEqualsDeclaration(statement)) return statement.isTypeOnly ? [] : [statement.name.text];
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
    return statement.name === undefined ? [] : [statement.name.text];
  }
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap((declaration) => boundNames(declaration.name));
  }
  return nestedVars(statement).flatMap((list) =>
    list.declarations.flatMap((declaration) => boundNames(declaration.name)),
  );
}

function importedNames(statement: TypeScript.ImportDeclaration): string[] {
  const clause = statement.importClause;
  if (clause === undefined || isTypeImport(clause)) return [];
  const names = clause.name === undefined ? [] : [clause.name.text];
  const bindings = clause.namedBindings;
  if (bindings === undefined) return names;
  if (ts.isNamespaceImport(bindings)) return [...names, bindings.name.text];
  return [...names, ...bindings.elements.filter((element) => !element.isTypeOnly).map((element) => element.name.text)];
}

/** Whether the clause is of `import type …`. */
export function isTypeImport(clause: TypeScript.ImportClause): boolean {
  return clause.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

/** Whether the statement declares types or foreign values only, and leaves nothing to run. */
export function isAmbient(statement: TypeScript.Statement): boolean {
  if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) return true;
  return hasModifier(statement, ts.SyntaxKind.DeclareKeyword);
}

export function hasModifier(node: TypeScript.Node, kind: TypeScript.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) ?? false);
}

/** Lists of `var` declarations inside a statement but outside its functions: they belong to the cell's top level. */
export function nestedVars(root: TypeScript.Node): TypeScript.VariableDeclarationList[] {
  const lists: TypeScript.VariableDeclarationList[] = [];
  const visit = (node: TypeScript.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassStaticBlockDeclaration(node) || ts.isModuleDeclaration(node)) return;
    if (ts.isVariableDeclarationList(node) && isVar(node)) lists.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return lists;
}

export function isVar(list: TypeScript.VariableDeclarationList): boolean {
  return (list.flags & ts.NodeFlags.BlockScoped) === 0;
}
