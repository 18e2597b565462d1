import { type Axis, bottomAxis, gridLines, leftAxis, px, text } from "./axes.js";
import type { Camera } from "./camera.js";
import { formatNumber } from "./format.js";
import { axisScale } from "./scales.js";
import { type Rect, type SvgNode, svg } from "./svg-node.js";
import { FONT, type Theme } from "./theme.js";

/** A cloud of points on the page, and the axes around it. */
export interface Projected {
  /** Pixels, x and y in turn. */
  pixels: Float32Array;
  /** How near to the viewer each point is; only in three dimensions. */
  depth?: Float32Array;
  frame: SvgNode;
}

/** Smallest and largest coordinate along each dimension. */
export type Extents = [number, number][];

export interface Cloud {
  /** Coordinates of one point after the other. */
  points: Float32Array;
  extents: Extents;
  /** Names of the dimensions. */
  labels: string[];
}

/** Extents of a cloud; [−1, 1] along dimensions without a finite coordinate. */
export function cloudExtents(points: Float32Array, dimensions: number): Extents {
  return Array.from({ length: dimensions }, (_, dimension): [number, number] => {
    let low = Infinity;
    let high = -Infinity;
    for (let i = dimension; i < points.length; i += dimensions) {
      const value = points[i] ?? NaN;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return low <= high ? [low, high] : [-1, 1];
  });
}

/** Two dimensions: scales with the same number of pixels per unit in both directions, over the whole of `plot`. */
export function projectPlane({ points, extents, labels }: Cloud, plot: Rect, camera: Camera, theme: Theme): Projected {
  const [[xLow, xHigh], [yLow, yHigh]] = extents as [[number, number], [number, number]];
  const fit = Math.max((xHigh - xLow) / plot.width, (yHigh - yLow) / plot.height, 1e-12) * 1.08;
  const perPixel = fit / camera.zoom;
  const around = (low: number, high: number, pixels: number, shift: number): [number, number] => {
    const centre = (low + high) / 2 + shift * pixels * perPixel;
    return [centre - (perPixel * pixels) / 2, centre + (perPixel * pixels) / 2];
  };
  const x = axisScale({
    kind: "linear",
    domain: around(xLow, xHigh, plot.width, -camera.dx),
    range: [plot.x, plot.x + plot.width],
    spacing: 36,
  });
  const y = axisScale({
    kind: "linear",
    domain: around(yLow, yHigh, plot.height, camera.dy),
    range: [plot.y + plot.height, plot.y],
    spacing: 36,
  });
  const pixels = new Float32Array(points.length);
  const [left, top] = [x.toPixel(0), y.toPixel(0)];
  for (let i = 0; i < points.length; i += 2) {
    pixels[i] = left + (points[i] ?? NaN) / perPixel;
    pixels[i + 1] = top - (points[i + 1] ?? NaN) / perPixel;
  }
  const axis = (label: string | undefined, { ticks }: { ticks: Axis["ticks"] }) => ({ label: label ?? "", ticks });
  const frame = svg(
    "g",
    {},
    gridLines(x.ticks, y.ticks, plot, theme),
    bottomAxis(axis(labels[0], x), plot, theme),
    leftAxis(axis(labels[1], y), plot, theme),
  );
  return { pixels, frame };
}

/** Three dimensions: an orthographic view of the cloud in its box, the same number of pixels per unit along all axes. */
export function projectSpace({ points, extents, labels }: Cloud, plot: Rect, camera: Camera, theme: Theme): Projected {
  const centre = extents.map(([low, high]) => (low + high) / 2);
  const radius = Math.hypot(...extents.map(([low, high]) => (high - low) / 2)) || 1;
  const scale = (camera.zoom * 0.94 * Math.min(plot.width, plot.height)) / (2 * radius);
  const [left, top] = [plot.x + plot.width * (0.5 + camera.dx), plot.y + plot.height * (0.5 + camera.dy)];
  const [c, s] = [Math.cos(camera.yaw), Math.sin(camera.yaw)];
  const [cp, sp] = [Math.cos(camera.pitch), Math.sin(camera.pitch)];
  const [cx = 0, cy = 0, cz = 0] = centre;
  /** The third coordinate points up; the result is to the right, up, and towards the viewer. */
  const toPage = (x: number, y: number, z: number): [number, number, number] => {
    const [dx, dy, dz] = [x - cx, y - cy, z - cz];
    const away = dx * s + dy * c;
    return [left + scale * (dx * c - dy * s), top - scale * (dz * cp + away * sp), dz * sp - away * cp];
  };
  const count = points.length / 3;
  const pixels = new Float32Array(2 * count);
  const depth = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const [dx, dy, dz] = [
      (points[3 * i] ?? NaN) - cx,
      (points[3 * i + 1] ?? NaN) - cy,
      (points[3 * i + 2] ?? NaN) - cz,
    ];
    const away = dx * s + dy * c;
    pixels[2 * i] = left + scale * (dx * c - dy * s);
    pixels[2 * i + 1] = top - scale * (dz * cp + away * sp);
    depth[i] = dz * sp - away * cp;
  }
  return { pixels, depth, frame: box(extents, labels, toPage, theme) };
}

/** The box around a cloud, with the ends of its three axes. */
function box(
  extents: Extents,
  labels: readonly string[],
  toPage: (x: number, y: number, z: number) => [number, number, number],
  theme: Theme,
): SvgNode {
  const corner = (bits: number) =>
    toPage(...(extents.map((extent, axis) => extent[(bits >> axis) & 1]) as [number, number, number]));
  const edges: string[] = [];
  for (let bits = 0; bits < 8; bits++) {
    for (let axis = 0; axis < 3; axis++) {
      if (bits & (1 << axis)) continue;
      const [[ax, ay], [bx, by]] = [corner(bits), corner(bits | (1 << axis))];
      edges.push(`M${px(ax)} ${px(ay)}L${px(bx)} ${px(by)}`);
    }
  }
  const [middleX, middleY] = toPage(...(extents.map(([low, high]) => (low + high) / 2) as [number, number, number]));
  /** The direction from the middle of the box to a point on the page. */
  const away = (x: number, y: number): [number, number] => {
    const distance = Math.hypot(x - middleX, y - middleY) || 1;
    return [(x - middleX) / distance, (y - middleY) / distance];
  };
  const names = labels.flatMap((label, axis) => {
    const [low, high] = extents[axis] ?? [0, 0];
    // Of the four edges along an axis the outermost: the lowest on the page, of the vertical ones the leftmost.
    const starts = [0, 1, 2, 3, 4, 5, 6, 7].filter((bits) => (bits & (1 << axis)) === 0);
    const outwards = (bits: number) => {
      const [[ax, ay], [bx, by]] = [corner(bits), corner(bits | (1 << axis))];
      return axis === 2 ? -(ax + bx) : ay + by;
    };
    const start = starts.reduce((best, bits) => (outwards(bits) > outwards(best) ? bits : best));
    const [[ax, ay], [bx, by]] = [corner(start), corner(start | (1 << axis))];
    const [ox, oy] = away((ax + bx) / 2, (ay + by) / 2);
    const anchor = ox < -0.35 ? "end" : ox > 0.35 ? "start" : "middle";
    const at = (t: number, distance: number, content: string, size: number, fill: string) => {
      const [x, y] = [ax + t * (bx - ax) + distance * ox, ay + t * (by - ay) + distance * oy];
      return text(content, x, y + 4, fill, size, { "text-anchor": anchor });
    };
    return [
      at(0.5, 30, label, FONT.label, theme.text),
      at(0.1, 10, formatNumber(low), FONT.tick, theme.muted),
      at(0.9, 10, formatNumber(high), FONT.tick, theme.muted),
    ];
  });
  return svg(
    "g",
    {},
    svg("path", { d: edges.join(""), fill: "none", stroke: theme.grid, "stroke-width": 1.5 }),
    ...names,
  );
}
