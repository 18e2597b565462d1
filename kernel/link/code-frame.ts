const CONTEXT_BEFORE = 2;
const CONTEXT_AFTER = 1;

/** Lines of a cell around a position (from 0) with a caret under it. */
export function codeFrame(source: string, line: number, column: number, length = 1): string[] {
  const lines = source.split(/\r?\n/);
  const first = Math.max(0, line - CONTEXT_BEFORE);
  const last = Math.min(lines.length - 1, line + CONTEXT_AFTER);
  const width = String(last + 1).length;
  const frame: string[] = [];
  for (let i = first; i <= last; i++) {
    const text = lines[i] ?? "";
    frame.push(`${i === line ? ">" : " "} ${String(i + 1).padStart(width)} | ${text}`);
    if (i !== line) continue;
    const indent = text.slice(0, column).replace(/[^\t]/g, " ");
    frame.push(`  ${" ".repeat(width)} | ${indent}${"^".repeat(Math.max(1, Math.min(length, text.length - column)))}`);
  }
  return frame;
}
