import type TypeScript from "typescript";

/** Whether an exception at this position, from 0, of a source text is taken by a `catch` of the same text around it. */
export async function isInTryWithCatch(text: string, line: number, column: number): Promise<boolean> {
  const { ts } = await import("../cell/typescript.js");
  const file = ts.createSourceFile("source.ts", text, ts.ScriptTarget.ESNext, false);
  const starts = file.getLineStarts();
  const offset = (starts[line] ?? text.length) + column;
  const visit = (node: TypeScript.Node): boolean => {
    if (offset < node.pos || offset >= node.end) return false;
    const inner = ts.forEachChild(node, (child) => visit(child) || undefined) ?? false;
    if (inner) return true;
    return ts.isTryStatement(node) && node.catchClause !== undefined && offset < node.tryBlock.end;
  };
  // A function's own calls are other frames: their positions are asked for by themselves.
  return visit(innermostFunction(ts, file, offset));
}

function innermostFunction(ts: typeof TypeScript, file: TypeScript.SourceFile, offset: number): TypeScript.Node {
  let found: TypeScript.Node = file;
  const visit = (node: TypeScript.Node): void => {
    if (offset < node.pos || offset >= node.end) return;
    if (ts.isFunctionLike(node)) found = node;
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}
