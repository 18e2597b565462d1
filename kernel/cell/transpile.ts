/** The syntax that is more than types on JavaScript: translated by TypeScript's compiler, with a source map. */
import type TypeScript from "typescript";
import type { PositionMap } from "../link/messages.js";
import { decodeMappings } from "../link/source-map.js";
import { isAmbient } from "./names.js";
import { ts } from "./typescript.js";

/** Compiler options of a `tsconfig.json` that change the JavaScript of a cell. */
export type EmitOptions = Pick<
  TypeScript.CompilerOptions,
  | "jsx"
  | "jsxFactory"
  | "jsxFragmentFactory"
  | "jsxImportSource"
  | "experimentalDecorators"
  | "emitDecoratorMetadata"
  | "useDefineForClassFields"
>;

/** Whether blanking types is not enough: enums, namespaces, decorators, parameter properties, `using`, JSX, `<T>value`. */
export function needsTranspiling(node: TypeScript.Node): boolean {
  if (ts.isStatement(node) && isAmbient(node)) return false;
  if (isTranslated(node)) return true;
  return ts.forEachChild(node, (child) => needsTranspiling(child)) ?? false;
}

function isTranslated(node: TypeScript.Node): boolean {
  if (ts.isEnumDeclaration(node) || ts.isModuleDeclaration(node) || ts.isDecorator(node)) return true;
  if (ts.isJsxElement(node) || ts.isJsxSelfClosingElement(node) || ts.isJsxFragment(node)) return true;
  if (ts.isTypeAssertionExpression(node) || ts.isAutoAccessorPropertyDeclaration(node)) return true;
  if (ts.isVariableDeclarationList(node)) return isUsing(node);
  return ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent);
}

/** Whether the cell itself, and not a block of it, has resources to dispose of: the compiler puts it into a `try` then. */
export function isInTry({ statements }: TypeScript.SourceFile): boolean {
  return statements.some((statement) => ts.isVariableStatement(statement) && isUsing(statement.declarationList));
}

/** `using` and, whose flags include it, `await using`. */
function isUsing({ flags }: TypeScript.VariableDeclarationList): boolean {
  const using: number = ts.NodeFlags.Using;
  return (flags & using) === using;
}

/** JavaScript with imports and exports kept, and where its text comes from. */
export function transpile(
  source: string,
  tsx: boolean,
  options: EmitOptions,
): { javascript: string; positions: PositionMap } {
  const { outputText, sourceMapText } = ts.transpileModule(source, {
    fileName: tsx ? "cell.tsx" : "cell.ts",
    compilerOptions: {
      jsx: ts.JsxEmit.ReactJSX,
      ...options,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.Preserve,
      moduleDetection: ts.ModuleDetectionKind.Force,
      verbatimModuleSyntax: true,
      sourceMap: true,
    },
  });
  const { mappings } = JSON.parse(sourceMapText ?? '{"mappings":""}') as { mappings: string };
  return {
    javascript: outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n"),
    positions: decodeMappings(mappings),
  };
}
