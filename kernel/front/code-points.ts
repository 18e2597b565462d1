/** Jupyter counts positions in Unicode code points, JavaScript in UTF-16 units. */

export function toUtf16Offset(text: string, codePoints: number): number {
  let offset = 0;
  for (let count = 0; count < codePoints && offset < text.length; count++)
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  return offset;
}

export function toCodePoints(text: string, utf16Offset: number): number {
  let count = 0;
  for (let offset = 0; offset < utf16Offset; count++) offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  return count;
}
