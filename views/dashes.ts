import { OKABE_ITO } from "./palette.js";

/** Lengths of dashes and gaps in pixels: none. */
export const SOLID: readonly number[] = [];
/** The lines of the first eight categories, of the next eight, and of all others. */
const DASHES = [SOLID, [5, 2], [2, 2]];

/** Dashes and gaps of a category's line: beyond the colours that there are, categories have dashed lines. */
export const dashOf = (category: number): readonly number[] =>
  DASHES[Math.min(DASHES.length - 1, Math.floor(category / OKABE_ITO.length))] ?? SOLID;

/** The same as an attribute of SVG. */
export const dashArray = (dash: readonly number[]): string | undefined =>
  dash.length > 0 ? dash.join(" ") : undefined;
