import { formatNumber } from "../format.js";
import { type LatentSpacePanel, pointRadius } from "../latent-space.js";
import type { Painter } from "./painter.js";

/** From this many points on they are squares, which canvases fill several times faster than discs. */
const SQUARES_FROM = 20_000;

export const latentSpacePainter: Painter<LatentSpacePanel> = {
  role: "latent space",
  drag: "lasso",

  paint(context, { pixels, levels, colors }, { points: chosen }, theme) {
    const radius = pointRadius(levels.length);
    context.globalAlpha = chosen.length > 0 ? 0.25 : 0.85;
    for (const [level, points] of byLevel(levels)) {
      context.fillStyle = colors?.colors[level] ?? theme.neutral;
      context.beginPath();
      for (const point of points) addPoint(context, pixels, point, radius, levels.length);
      context.fill();
    }
    context.globalAlpha = 1;
    for (const point of chosen) {
      context.beginPath();
      addPoint(context, pixels, point, radius + 0.6, 0);
      context.strokeStyle = theme.text;
      context.stroke();
      context.fillStyle = colors?.colors[levels[point] ?? -1] ?? theme.neutral;
      context.fill();
    }
  },

  overlay() {
    return [];
  },

  inside({ pixels, levels }, region) {
    const points: number[] = [];
    for (let point = 0; point < levels.length; point++) {
      if (region.contains(pixels[2 * point] ?? NaN, pixels[2 * point + 1] ?? NaN)) points.push(point);
    }
    return { points };
  },

  between(_panel, from, to) {
    const [low, high] = [Math.min(from, to), Math.max(from, to)];
    const members = Array.from({ length: high - low + 1 }, (_, index) => low + index);
    return to < from ? members.reverse() : members;
  },

  hit(panel, _model, x, y) {
    const point = nearestPoint(panel, x, y);
    if (point === undefined || panel.member === undefined) return undefined;
    const extra = [
      { label: "point", value: formatNumber(point) },
      { label: panel.xLabel, value: formatNumber(panel.x.toValue(panel.pixels[2 * point] ?? NaN)) },
      { label: panel.yLabel, value: formatNumber(panel.y.toValue(panel.pixels[2 * point + 1] ?? NaN)) },
    ];
    const color = panel.colorOf(point);
    if (panel.colors && color !== undefined) extra.push({ label: panel.colors.label, value: formatNumber(color) });
    return { choice: { points: [point] }, member: panel.member, extra };
  },

  neighbour(_panel, model, member, key) {
    if (key === "Home") return 0;
    if (key === "End") return model.members - 1;
    const next = key === "ArrowRight" || key === "ArrowUp" ? member + 1 : member - 1;
    return next >= 0 && next < model.members ? next : undefined;
  },

  anchor({ plot }) {
    return { x: plot.x + plot.width / 2, y: plot.y + 8 };
  },
};

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

function addPoint(
  context: CanvasRenderingContext2D,
  pixels: Float32Array,
  point: number,
  radius: number,
  count: number,
): void {
  const x = pixels[2 * point] ?? NaN;
  const y = pixels[2 * point + 1] ?? NaN;
  if (Number.isNaN(x) || Number.isNaN(y)) return;
  if (count >= SQUARES_FROM) {
    context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
  } else {
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }
}

/** The point nearest to (x, y), within six pixels. */
function nearestPoint({ pixels }: LatentSpacePanel, x: number, y: number): number | undefined {
  let best: number | undefined;
  let least = 36;
  for (let i = 0; i < pixels.length; i += 2) {
    const distance = ((pixels[i] ?? NaN) - x) ** 2 + ((pixels[i + 1] ?? NaN) - y) ** 2;
    if (distance < least) [least, best] = [distance, i / 2];
  }
  return best;
}
