/**
 * Makes a script of a cell's JavaScript that can be evaluated again and again in one scope: imports become awaited
 * calls, functions come first, and every top-level binding becomes a `let`, the one kind that V8's REPL mode lets
 * any later cell redeclare while closures see the new value.
 */
import type TypeScript from "typescript";
import { CELL_OBJECT, renamed } from "./cell-object.js";
import { rewriteImport } from "./imports.js";
import { MappedText } from "./mapped-text.js";
import { boundNames, declaredNames, isAmbient, isVar, nestedVars } from "./names.js";
import { ts } from "./typescript.js";

export interface Edit {
  start: number;
  end: number;
  text: string;
}

interface FunctionRange {
  name: string;
  start: number;
  end: number;
}

/**
 * @param sourceFile The cell's syntax tree. Positions are those of `javascript`.
 * @param javascript The cell with its types blanked.
 * @param shadowed Globals that cells have redefined: renamed here, so that packages keep seeing the originals.
 * @param inTry Whether the compiler has put the cell's statements into a last `try`.
 */
export function rewrite(
  sourceFile: TypeScript.SourceFile,
  javascript: string,
  shadowed: ReadonlySet<string>,
  inTry = false,
): MappedText {
  return new Rewriter(sourceFile, javascript, shadowed, inTry).run();
}

class Rewriter {
  readonly #edits: Edit[] = [];
  readonly #functions: FunctionRange[] = [];
  readonly #imports: TypeScript.ImportDeclaration[] = [];
  readonly #declared = new Set<string>();
  readonly #hoisted = new Set<string>();
  readonly #used = new Set<string>();

  constructor(
    readonly sourceFile: TypeScript.SourceFile,
    readonly javascript: string,
    readonly shadowed: ReadonlySet<string>,
    readonly inTry: boolean,
  ) {}

  run(): MappedText {
    this.#visit(this.sourceFile);
    for (const statement of this.sourceFile.statements) {
      if (ts.isFunctionDeclaration(statement)) for (const name of declaredNames(statement)) this.#declared.add(name);
    }
    for (const statement of this.sourceFile.statements) this.#statement(statement);
    this.#keepValue();
    return this.#emit();
  }

  #statement(statement: TypeScript.Statement): void {
    if (isAmbient(statement)) return;
    if (ts.isImportDeclaration(statement)) {
      this.#imports.push(statement);
      this.#remove(statement);
    } else if (ts.isImportEqualsDeclaration(statement)) {
      this.#importEquals(statement);
    } else if (ts.isExportDeclaration(statement)) {
      this.#exportDeclaration(statement);
    } else if (ts.isExportAssignment(statement)) {
      this.#replace(statement.getStart(this.sourceFile), statement.expression.getStart(this.sourceFile), ";");
    } else if (ts.isFunctionDeclaration(statement)) {
      this.#function(statement);
    } else if (ts.isClassDeclaration(statement)) {
      this.#class(statement);
    } else if (ts.isVariableStatement(statement)) {
      this.#variables(statement);
    } else {
      for (const list of nestedVars(statement)) this.#hoistVar(list);
    }
  }

  #importEquals(statement: TypeScript.ImportEqualsDeclaration): void {
    if (statement.isTypeOnly) return this.#remove(statement);
    const reference = statement.moduleReference;
    const value = ts.isExternalModuleReference(reference)
      ? `require(${reference.expression.getText(this.sourceFile)})`
      : reference.getText(this.sourceFile);
    this.#replace(
      statement.getStart(this.sourceFile),
      statement.end,
      `let ${this.#name(statement.name.text)}=${value};`,
    );
  }

  /** Names are visible to later cells without being exported; `export … from` still loads its module. */
  #exportDeclaration(statement: TypeScript.ExportDeclaration): void {
    const { moduleSpecifier, isTypeOnly } = statement;
    if (moduleSpecifier === undefined || isTypeOnly) return this.#remove(statement);
    const specifier = moduleSpecifier.getText(this.sourceFile);
    this.#replace(statement.getStart(this.sourceFile), statement.end, `await ${CELL_OBJECT}.import(${specifier});`);
  }

  #function(statement: TypeScript.FunctionDeclaration): void {
    if (statement.body === undefined) return;
    const start = this.#afterExport(statement);
    // An anonymous default export keeps its place, as an expression.
    if (statement.name === undefined) return this.#replace(statement.getStart(this.sourceFile), start, ";0,");
    this.#functions.push({ name: statement.name.text, start, end: statement.end });
    this.#replace(statement.getStart(this.sourceFile), start, "");
  }

  #class(statement: TypeScript.ClassDeclaration): void {
    const start = this.#afterExport(statement);
    const binding = statement.name === undefined ? ";0," : `let ${this.#name(statement.name.text)}=`;
    if (statement.name !== undefined) this.#declared.add(statement.name.text);
    this.#replace(statement.getStart(this.sourceFile), start, binding);
    this.#replace(statement.end - 1, statement.end, "};");
  }

  #variables(statement: TypeScript.VariableStatement): void {
    const list = statement.declarationList;
    this.#replace(statement.getStart(this.sourceFile), this.#afterExport(statement), "");
    const names = list.declarations.flatMap((declaration) => boundNames(declaration.name));
    if (isVar(list) && names.some((name) => this.#declared.has(name))) return this.#hoistVar(list);
    for (const name of names) this.#declared.add(name);
    const keyword = list.getStart(this.sourceFile);
    const [{ length }] = /^(const|let|var)/.exec(this.javascript.slice(keyword)) ?? [""];
    this.#replace(keyword, keyword + length, "let");
    for (const declaration of list.declarations) for (const inner of nestedVars(declaration)) this.#hoistVar(inner);
  }

  /** `var` in a block, a loop, or for a name that the cell has already: an assignment to a binding declared first. */
  #hoistVar(list: TypeScript.VariableDeclarationList): void {
    for (const declaration of list.declarations)
      for (const name of boundNames(declaration.name)) this.#hoisted.add(name);
    const start = list.getStart(this.sourceFile);
    const isLoopHead = ts.isForInStatement(list.parent) || ts.isForOfStatement(list.parent);
    this.#replace(start, start + "var".length, isLoopHead ? "" : "void(");
    const initializer = list.declarations.at(-1)?.initializer;
    const end = initializer === undefined ? list.end : runtimeEnd(initializer);
    if (!isLoopHead) this.#replace(end, end, ")");
  }

  /** The value of a last statement that is an expression is put aside, whatever it is, without being serialised. */
  #keepValue(): void {
    const outer = this.sourceFile.statements.findLast((statement) => !ts.isExportDeclaration(statement));
    const last = this.inTry && outer && ts.isTryStatement(outer) ? outer.tryBlock.statements.at(-1) : outer;
    if (last === undefined || !ts.isExpressionStatement(last)) return;
    const { expression } = last;
    const start = expression.getStart(this.sourceFile);
    this.#edits.unshift({ start, end: start, text: `void(${CELL_OBJECT}.value=(` });
    const end = runtimeEnd(expression);
    this.#replace(end, end, "))");
  }

  /**
   * Notes the names that are used as values, renames shadowed globals, and redirects `import()` and `import.meta`.
   *
   * @param isCell Whether the node is outside all functions.
   */
  #visit(node: TypeScript.Node, isCell = true): void {
    if (ts.isIdentifier(node)) this.#identifier(node);
    else if (isCell && ts.isAwaitExpression(node)) this.#holdAwaited(node);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      this.#replace(node.expression.getStart(this.sourceFile), node.expression.end, `${CELL_OBJECT}.import`);
    } else if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
      return this.#replace(node.getStart(this.sourceFile), node.end, `${CELL_OBJECT}.meta`);
    } else if (ts.isImportDeclaration(node)) return;
    const isOutside = isCell && !ts.isFunctionLike(node);
    ts.forEachChild(node, (child) => this.#visit(child, isOutside));
  }

  /** What the cell waits for is kept: if it were collected, nothing would hold the waiting cell, and its end never came. */
  #holdAwaited({ expression }: TypeScript.AwaitExpression): void {
    const start = expression.getStart(this.sourceFile);
    const end = runtimeEnd(expression);
    this.#replace(start, start, `(${CELL_OBJECT}.awaited=`);
    this.#replace(end, end, ")");
  }

  #identifier(node: TypeScript.Identifier): void {
    const start = node.getStart(this.sourceFile);
    // What blanking took away was a type.
    if (!isReference(node) || !this.javascript.startsWith(node.text, start)) return;
    this.#used.add(node.text);
    if (!this.shadowed.has(node.text)) return;
    const isShorthand = ts.isShorthandPropertyAssignment(node.parent) || isShorthandBinding(node);
    this.#replace(start, node.end, isShorthand ? `${node.text}:${renamed(node.text)}` : renamed(node.text));
  }

  #emit(): MappedText {
    const script = new MappedText(this.javascript).insert('"use strict";', 0);
    const names = { local: (name: string) => this.#name(name), isUsed: (name: string) => this.#used.has(name) };
    for (const statement of this.#imports)
      script.insert(rewriteImport(statement, names), statement.getStart(this.sourceFile));
    const hoisted = [...this.#hoisted].filter((name) => !this.#declared.has(name));
    if (hoisted.length > 0) script.insert(`let ${hoisted.map((name) => this.#name(name)).join()};`, 0);
    this.#edits.sort((a, b) => a.start - b.start || a.end - b.end);
    // Of functions with the same name the last one counts, as in JavaScript.
    for (const { name, start, end } of new Map(this.#functions.map((range) => [range.name, range])).values()) {
      script.insert(`let ${this.#name(name)}=`, start);
      this.#copy(script, start, end);
      script.insert(";", end);
    }
    let position = 0;
    for (const { start, end } of this.#functions) {
      this.#copy(script, position, start);
      script.insert(";", start);
      position = end;
    }
    this.#copy(script, position, this.javascript.length);
    return script;
  }

  #copy(script: MappedText, from: number, to: number): void {
    let position = from;
    for (const { start, end, text } of this.#edits) {
      // An insertion between two pieces belongs to the second.
      if (start < from || start > to || (start === to && to < this.javascript.length)) continue;
      script.copy(position, start);
      if (text !== "") script.insert(text, start);
      position = end;
    }
    script.copy(position, to);
  }

  #afterExport(statement: TypeScript.Statement): number {
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    const last = modifiers.findLast(
      ({ kind }) => kind === ts.SyntaxKind.ExportKeyword || kind === ts.SyntaxKind.DefaultKeyword,
    );
    return last?.end ?? statement.getStart(this.sourceFile);
  }

  #name(name: string): string {
    return this.shadowed.has(name) ? renamed(name) : name;
  }

  #remove(node: TypeScript.Node): void {
    this.#replace(node.getStart(this.sourceFile), node.end, ";");
  }

  #replace(start: number, end: number, text: string): void {
    if (start !== end || text !== "") this.#edits.push({ start, end, text });
  }
}

/** Where an expression ends when its types are blanked: blanking puts a semicolon in the place of a last `as`. */
function runtimeEnd(expression: TypeScript.Expression): number {
  const isTyped =
    ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression) || ts.isNonNullExpression(expression);
  return isTyped ? runtimeEnd(expression.expression) : expression.end;
}

/** Whether an identifier stands for a binding, and not for a property, a label or the name of a hoisted declaration. */
function isReference(node: TypeScript.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isMetaProperty(parent)) return parent.name !== node;
  if (ts.isPropertyAssignment(parent) || ts.isClassElement(parent) || ts.isMethodDeclaration(parent))
    return parent.name !== node;
  if (ts.isBindingElement(parent)) return parent.propertyName !== node;
  if (ts.isFunctionDeclaration(parent) || ts.isClassDeclaration(parent)) {
    return parent.name !== node || !ts.isSourceFile(parent.parent);
  }
  return !ts.isLabeledStatement(parent) && !ts.isBreakOrContinueStatement(parent) && !ts.isExportSpecifier(parent);
}

/** `{ name }` in a pattern: the identifier is both the property and the binding. */
function isShorthandBinding(node: TypeScript.Identifier): boolean {
  const { parent } = node;
  if (!ts.isBindingElement(parent) || parent.name !== node || parent.dotDotDotToken !== undefined) return false;
  return parent.propertyName === undefined && ts.isObjectBindingPattern(parent.parent);
}
