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

/**
 * The position in translated text, from 0, of an original position, by the entries of a source map: that of the first
 * entry at or after it on its line, else of the last before it there, else of the next line that has one.
 */
export function translatedPosition(
  map: PositionMap,
  line: number,
  column: number,
): [line: number, column: number] | undefined {
  let best: { rank: readonly number[]; place: [line: number, column: number] } | undefined;
  for (let i = 0; i < map.length; i += STRIDE) {
    const [fromLine = 0, fromColumn = 0, toLine = 0, toColumn = 0] = map.slice(i, i + STRIDE);
    if (toLine < line) continue;
    const isAfter = toLine > line || toColumn >= column;
    const rank = toLine > line ? [2, toLine, toColumn] : isAfter ? [0, 0, toColumn] : [1, 0, -toColumn];
    if (best === undefined || isLess(rank, best.rank)) best = { rank, place: [fromLine, fromColumn] };
  }
  return best?.place;
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const i = a.findIndex((value, k) => value !== b[k]);
  return i >= 0 && a[i]! < b[i]!;
}
