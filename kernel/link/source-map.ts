import type { PositionMap } from "./messages.js";

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The mappings of a source map (base64 VLQ, ECMA-426) with one source. */
export function decodeMappings(mappings: string): PositionMap {
  const positions: PositionMap = [];
  let originalLine = 0;
  let originalColumn = 0;
  mappings.split(";").forEach((segments, line) => {
    let column = 0;
    for (const segment of segments.split(",").filter(Boolean)) {
      const [columnStep = 0, , lineStep, originalStep = 0] = decodeNumbers(segment);
      column += columnStep;
      if (lineStep === undefined) continue;
      originalLine += lineStep;
      originalColumn += originalStep;
      positions.push(line, column, originalLine, originalColumn);
    }
  });
  return positions;
}

function decodeNumbers(segment: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of segment) {
    const digit = BASE64.indexOf(character);
    value |= (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    value = shift = 0;
  }
  return numbers;
}
