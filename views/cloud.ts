import { type Axis, bottomAxis, gridLines, leftAxis, px, text } from "./axes.js";
import type { Camera } from "./camera.js";
import { formatNumber } from "./format.js";
import { type Anchor, type LabelStyle, Labeller } from "./labeller.js";
import { axisScale } from "./scales.js";
import { type Rect, type SvgNode, svg, textWidth } from "./svg-node.js";
import { fitText } from "./text-fit.js";
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
  return { pixels, depth, frame: box(extents, labels, { plot, toPage, theme }) };
}

/** The box around a cloud, with the ends of its three axes. */
function box(
  extents: Extents,
  labels: readonly string[],
  {
    plot,
    toPage,
    theme,
  }: { plot: Rect; toPage: (x: number, y: number, z: number) => [number, number, number]; theme: Theme },
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
  const labeller = new Labeller(plot);
  const sides = labels.map((label, axis) => {
    // Of the four edges along an axis the outermost: the lowest on the page, of the vertical ones the leftmost.
    const starts = [0, 1, 2, 3, 4, 5, 6, 7].filter((bits) => (bits & (1 << axis)) === 0);
    const outwards = (bits: number) => {
      const [[ax, ay], [bx, by]] = [corner(bits), corner(bits | (1 << axis))];
      return axis === 2 ? -(ax + bx) : ay + by;
    };
    const start = starts.reduce((best, bits) => (outwards(bits) > outwards(best) ? bits : best));
    const [[ax, ay], [bx, by]] = [corner(start), corner(start | (1 << axis))];
    const [mx, my] = [(ax + bx) / 2 - middleX, (ay + by) / 2 - middleY];
    const away = Math.hypot(mx, my) || 1;
    /** A place along the edge, so many pixels outside it. */
    const at = (t: number, distance: number) => ({
      x: ax + t * (bx - ax) + (distance * mx) / away,
      y: ay + t * (by - ay) + (distance * my) / away + 4,
    });
    const anchor: Anchor = mx / away < -0.35 ? "end" : mx / away > 0.35 ? "start" : "middle";
    return { label, at, anchor, extent: extents[axis] ?? [0, 0], isVertical: axis === 2 };
  });
  const ends = sides.flatMap(({ at, anchor, extent }) =>
    [0.1, 0.9].map((t, end) =>
      labeller.put(formatNumber(extent[end] ?? 0), at(t, 10), { anchor, fill: theme.muted, size: FONT.tick }),
    ),
  );
  const names = sides.map(({ label, at, anchor, extent, isVertical }) => {
    const style = { anchor, fill: theme.text, size: FONT.label };
    if (!isVertical) return labeller.put(label, at(0.5, 30), style);
    const widest = Math.max(...extent.map((value) => textWidth(formatNumber(value), FONT.tick)));
    const { x, y } = at(0.5, 10);
    return upright(fitText(label, FONT.label, plot.height), Math.max(11, x - widest - 9), y, style);
  });
  return svg(
    "g",
    {},
    svg("path", { d: edges.join(""), fill: "none", stroke: theme.grid, "stroke-width": 1.5 }),
    ...ends,
    ...names,
  );
}

const upright = (content: string, x: number, y: number, { fill, size }: LabelStyle): SvgNode =>
  text(content, x, y, fill, size, { "text-anchor": "middle", transform: `rotate(-90 ${px(x)} ${px(y)})` });
