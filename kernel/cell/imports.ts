import type TypeScript from "typescript";
import { CELL_OBJECT } from "./cell-object.js";
import { isTypeImport } from "./names.js";
import { ts } from "./typescript.js";

interface Names {
  /** The name that a binding has in the script. */
  local(name: string): string;
  /** Whether the cell uses the name as a value; names it does not use may be types that do not exist at run time. */
  isUsed(name: string): boolean;
}

/** The statements that do what an import declaration does: `let {a,b:c}=await $$cell.bindings("m",["a"]);`. */
export function rewriteImport(statement: TypeScript.ImportDeclaration, { local, isUsed }: Names): string {
  const specifier = statement.moduleSpecifier.getText();
  const attributes = statement.attributes?.elements.map(
    ({ name, value }) => `${JSON.stringify(name.text)}:${value.getText()}`,
  );
  const options = attributes === undefined ? "undefined" : `{with:{${attributes.join()}}}`;
  const clause = statement.importClause;
  if (clause === undefined) return `await ${CELL_OBJECT}.import(${specifier},${options});`;
  if (isTypeImport(clause)) return "";
  const pairs: string[] = [];
  const required: string[] = [];
  const bind = (imported: string, name: string): void => {
    pairs.push(`${JSON.stringify(imported)}:${local(name)}`);
    if (isUsed(name)) required.push(imported);
  };
  if (clause.name !== undefined) bind("default", clause.name.text);
  const bindings = clause.namedBindings;
  const namespace = bindings !== undefined && ts.isNamespaceImport(bindings) ? bindings.name.text : undefined;
  if (bindings !== undefined && ts.isNamedImports(bindings)) {
    for (const { name, propertyName, isTypeOnly } of bindings.elements) {
      if (!isTypeOnly) bind((propertyName ?? name).text, name.text);
    }
  }
  const namespacePart =
    namespace === undefined ? "" : `let ${local(namespace)}=await ${CELL_OBJECT}.import(${specifier},${options});`;
  if (pairs.length === 0) return namespacePart;
  const source = `await ${CELL_OBJECT}.bindings(${specifier},${options},${JSON.stringify(required)})`;
  return `${namespacePart}let {${pairs.join()}}=${source};`;
}
