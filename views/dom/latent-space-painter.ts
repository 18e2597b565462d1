import { formatNumber } from "../format.js";
import { type LatentSpacePanel, chosenRows, pointRadius } from "../latent-space.js";
import type { Rect } from "../svg-node.js";
import type { Theme } from "../theme.js";
import type { Hit, MoveKey, Painter } from "./painter.js";
import { rasterPoints } from "./point-raster.js";

/** From this many points on they are drawn pixel by pixel. */
const RASTER_FROM = 5_000;
/** Up to this many chosen points have a ring each. */
const RINGS = 300;

export const latentSpacePainter: Painter<LatentSpacePanel> = {
  role: "latent space",
  drag: "lasso",

  paint(context, panel, { points }, theme) {
    const { pixels, levels, colors, plot } = panel;
    const rows = chosenRows(panel, points);
    context.save();
    context.beginPath();
    context.rect(plot.x, plot.y, plot.width, plot.height);
    context.clip();
    if (panel.depth || levels.length >= RASTER_FROM) rasterPoints(context, panel, theme, new Set(rows));
    else {
      context.globalAlpha = rows.length > 0 ? 0.25 : 0.85;
      for (const [level, group] of byLevel(levels)) {
        context.fillStyle = colors?.colors[level] ?? theme.neutral;
        context.beginPath();
        for (const row of group) addPoint(context, pixels, row, pointRadius(levels.length));
        context.fill();
      }
    }
    context.globalAlpha = 1;
    if (rows.length <= RINGS) for (const row of rows) ringPoint(context, panel, row, theme);
    context.restore();
  },

  overlay() {
    return [];
  },

  inside({ pixels, levels, every }, region) {
    const points: number[] = [];
    for (let row = 0; row < levels.length; row++) {
      if (region.contains(pixels[2 * row] ?? NaN, pixels[2 * row + 1] ?? NaN)) points.push(row * every);
    }
    return { points };
  },

  between(_panel, _from, to) {
    return [to];
  },

  hit(panel, _model, x, y) {
    const row = nearestRow(panel, x, y);
    return row === undefined ? undefined : hitOfRow(panel, row);
  },

  neighbour() {
    return undefined;
  },

  nextPoint(panel, from, key) {
    const row = nextRow(panel, from === undefined ? undefined : from / panel.every, key);
    const hit = row === undefined ? undefined : hitOfRow(panel, row);
    if (row === undefined || !hit) return undefined;
    const at = { x: panel.pixels[2 * row] ?? 0, y: panel.pixels[2 * row + 1] ?? 0 };
    return { ...hit, point: row * panel.every, at };
  },

  anchor({ plot }) {
    return { x: plot.x + plot.width / 2, y: plot.y + 8 };
  },
};

function hitOfRow(panel: LatentSpacePanel, row: number): Hit | undefined {
  if (panel.member === undefined) return undefined;
  const point = row * panel.every;
  const extra = [{ label: "point", value: formatNumber(point) }, ...panel.describe(row)];
  return { choice: { points: [point] }, member: panel.member, extra };
}

const DIRECTIONS: Partial<Record<MoveKey, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The next row in sight in the key's direction, preferably straight on; the one in the middle to begin with. */
function nextRow({ pixels, plot }: LatentSpacePanel, from: number | undefined, key: MoveKey): number | undefined {
  const direction = DIRECTIONS[key];
  const count = pixels.length / 2;
  if (!direction) return count === 0 ? undefined : key === "Home" ? 0 : count - 1;
  const x = from === undefined ? plot.x + plot.width / 2 : (pixels[2 * from] ?? NaN);
  const y = from === undefined ? plot.y + plot.height / 2 : (pixels[2 * from + 1] ?? NaN);
  let best: number | undefined;
  let least = Infinity;
  for (let row = 0; row < count; row++) {
    const dx = (pixels[2 * row] ?? NaN) - x;
    const dy = (pixels[2 * row + 1] ?? NaN) - y;
    const along = dx * direction[0] + dy * direction[1];
    const across = Math.abs(dx * direction[1]) + Math.abs(dy * direction[0]);
    const cost = from === undefined ? Math.hypot(dx, dy) : along > 0.5 ? along + 2 * across : NaN;
    if (cost < least && isInside(plot, x + dx, y + dy)) [least, best] = [cost, row];
  }
  return best;
}

const isInside = ({ x, y, width, height }: Rect, px: number, py: number): boolean =>
  px >= x && px <= x + width && py >= y && py <= y + height;

/** Points of each colour; dark first, so that rare bright ones stay on top. */
function byLevel(levels: Int16Array): [number, number[]][] {
  const groups = new Map<number, number[]>();
  levels.forEach((level, point) => {
    const group = groups.get(level);
    if (group) group.push(point);
    else groups.set(level, [point]);
  });
  return [...groups].sort(([a], [b]) => a - b);
}

function addPoint(context: CanvasRenderingContext2D, pixels: Float32Array, row: number, radius: number): void {
  const x = pixels[2 * row] ?? NaN;
  const y = pixels[2 * row + 1] ?? NaN;
  if (Number.isNaN(x) || Number.isNaN(y)) return;
  context.moveTo(x + radius, y);
  context.arc(x, y, radius, 0, 2 * Math.PI);
}

/** A chosen point above the others. */
function ringPoint(context: CanvasRenderingContext2D, panel: LatentSpacePanel, row: number, theme: Theme): void {
  const { pixels, levels, colors } = panel;
  context.beginPath();
  addPoint(context, pixels, row, pointRadius(levels.length) + 0.6);
  context.strokeStyle = theme.text;
  context.stroke();
  context.fillStyle = colors?.colors[levels[row] ?? -1] ?? theme.neutral;
  context.fill();
}

/** The row whose point is nearest to (x, y), within six pixels; the nearest to the viewer of those in three dimensions. */
function nearestRow({ pixels, depth }: LatentSpacePanel, x: number, y: number): number | undefined {
  let best: number | undefined;
  let least = 36;
  for (let i = 0; i < pixels.length; i += 2) {
    const distance = ((pixels[i] ?? NaN) - x) ** 2 + ((pixels[i + 1] ?? NaN) - y) ** 2;
    if (!(distance < least)) continue;
    if (depth && distance < 9 && best !== undefined && (depth[i / 2] ?? 0) < (depth[best] ?? 0)) continue;
    [least, best] = [depth ? Math.max(distance, 9) : distance, i / 2];
  }
  return best;
}
