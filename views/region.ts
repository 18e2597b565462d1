import { px } from "./axes.js";
import type { Rect } from "./svg-node.js";

export interface Point {
  x: number;
  y: number;
}

/** A part of a panel that was marked out, in pixels. */
export interface Region {
  bounds: Rect;
  contains: (x: number, y: number) => boolean;
  /** The outline as SVG path data. */
  outline: string;
}

/** The rectangle with two opposite corners. */
export function rectangle(from: Point, to: Point): Region {
  const bounds = boundsOf([from, to]);
  const { x, y, width, height } = bounds;
  return {
    bounds,
    contains: (px, py) => px >= x && px <= x + width && py >= y && py <= y + height,
    outline: `M${px(x)} ${px(y)}h${px(width)}v${px(height)}h${px(-width)}z`,
  };
}

/** The inside of a closed line; where it crosses itself, what it goes round an odd number of times. */
export function lasso(path: readonly Point[]): Region {
  const bounds = boundsOf(path);
  const box = rectangle({ x: bounds.x, y: bounds.y }, { x: bounds.x + bounds.width, y: bounds.y + bounds.height });
  return {
    bounds,
    contains: (x, y) => box.contains(x, y) && inPolygon(path, x, y),
    outline: `M${path.map((point) => `${px(point.x)} ${px(point.y)}`).join("L")}z`,
  };
}

function boundsOf(points: readonly Point[]): Rect {
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** Whether a ray from (x, y) to the right crosses the closed line an odd number of times. */
function inPolygon(path: readonly Point[], x: number, y: number): boolean {
  let inside = false;
  let before = path.at(-1);
  for (const point of path) {
    if (before && point.y > y !== before.y > y) {
      const crossing = point.x + ((y - point.y) / (before.y - point.y)) * (before.x - point.x);
      if (x < crossing) inside = !inside;
    }
    before = point;
  }
  return inside;
}

/** Whether any part of the segment from a to b lies in the rectangle (Liang and Barsky's clipping). */
export function segmentTouches({ x, y, width, height }: Rect, a: Point, b: Point): boolean {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  let enter = 0;
  let leave = 1;
  for (const [step, distance] of [
    [-dx, a.x - x],
    [dx, x + width - a.x],
    [-dy, a.y - y],
    [dy, y + height - a.y],
  ] as const) {
    if (step === 0) {
      if (distance < 0) return false;
    } else if (step < 0) enter = Math.max(enter, distance / step);
    else leave = Math.min(leave, distance / step);
  }
  return enter <= leave;
}
