import type { Rect } from "./svg-node.js";

/** Places along the plot at which curves are looked at. */
const PLACES = 48;
/** Pixels up and down in which other curves are company. */
const NEAR = 3;
/** Faint curves at one place that together stand out from the page. */
const COMPANY = 3;
/** Part of its places at which a curve that lies apart is without company. */
const ALONE = 0.25;

/**
 * Which of very many faint curves lie apart from the others over a good part of their length: what the rest has from lying on
 * one another, these do not have.
 * @param curves points of each, x and y in turn, in pixels and in the order of x; NaN pairs separate pieces
 */
export function liesApart(curves: readonly Float32Array[], plot: Rect): boolean[] {
  const heights = curves.map((points) => heightsOf(points, plot));
  const rows = Math.max(1, Math.ceil(plot.height) + 1);
  const crowd = Array.from({ length: PLACES }, () => new Uint32Array(rows));
  const row = (height: number): number => Math.min(rows - 1, Math.max(0, Math.round(height - plot.y)));
  for (const curve of heights) {
    curve.forEach((height, place) => {
      if (Number.isNaN(height)) return;
      const counts = crowd[place]!;
      for (let at = Math.max(0, row(height) - NEAR); at <= Math.min(rows - 1, row(height) + NEAR); at++)
        counts[at]! += 1;
    });
  }
  return heights.map((curve) => {
    let there = 0;
    let alone = 0;
    curve.forEach((height, place) => {
      if (Number.isNaN(height)) return;
      there += 1;
      if (crowd[place]![row(height)]! < COMPANY) alone += 1;
    });
    return there > 0 && alone >= ALONE * there;
  });
}

/** The height of a curve at each place; NaN where it is not. */
function heightsOf(points: Float32Array, plot: Rect): Float64Array {
  const heights = new Float64Array(PLACES).fill(NaN);
  const placeAfter = (x: number) => Math.ceil(((x - plot.x) / plot.width) * (PLACES - 1));
  for (let i = 0; i + 3 < points.length; i += 2) {
    const [ax = NaN, ay = NaN, bx = NaN, by = NaN] = points.subarray(i, i + 4);
    if (Number.isNaN(ax + bx) || bx <= ax) continue;
    for (let place = Math.max(0, placeAfter(ax)); place < PLACES; place++) {
      const x = plot.x + (place / (PLACES - 1)) * plot.width;
      if (x > bx) break;
      heights[place] = ay + ((x - ax) / (bx - ax)) * (by - ay);
    }
  }
  return heights;
}
