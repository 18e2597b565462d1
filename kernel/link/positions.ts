import type { PositionMap } from "./messages.js";

const STRIDE = 4;

/** Marks the column of an entry whose text was inserted: all of it stands for one original position. Its own inverse. */
export function fixed(column: number): number {
  return -1 - column;
}

/** The original line and column, from 0, of a position in compiled text. */
export function originalPosition(map: PositionMap, line: number, column: number): [line: number, column: number] {
  let low = -1;
  let high = map.length / STRIDE;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const [entryLine = 0, entryColumn = 0] = map.slice(middle * STRIDE, middle * STRIDE + 2);
    if (entryLine < line || (entryLine === line && entryColumn <= column)) low = middle;
    else high = middle;
  }
  if (low < 0) return [line, column];
  const [fromLine = 0, fromColumn = 0, toLine = 0, toColumn = 0] = map.slice(low * STRIDE, (low + 1) * STRIDE);
  if (toColumn < 0) return [toLine, fixed(toColumn)];
  return line === fromLine ? [toLine, toColumn + column - fromColumn] : [toLine + line - fromLine, column];
}
