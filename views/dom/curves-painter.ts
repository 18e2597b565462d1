import { curveStyle } from "../curve-style.js";
import { type Curve, type CurvesPanel, curvePath, lastPoint, nearestCurve } from "../curves.js";
import { crossPath } from "../phase-diagram.js";
import { segmentTouches } from "../region.js";
import { type Rect, type SvgNode, svg } from "../svg-node.js";
import type { Theme } from "../theme.js";
import { type Painter, stretch } from "./painter.js";

export const curvesPainter: Painter<CurvesPanel> = {
  role: "training curves",
  drag: "rectangle",

  paint(context, { curves }, { members }, theme) {
    const isChosen = new Set(members);
    context.lineJoin = "round";
    const front = curves.filter((curve) => curve.members.some((member) => isChosen.has(member)));
    const behind = front.length === 0 ? curves : curves.filter((curve) => !front.includes(curve));
    for (const curve of behind) {
      const { width, opacity } = curveStyle(curves.length, front.length > 0, curve.apart);
      strokeCurve(context, curve, curve.band ? Math.max(1.5, width) : width, opacity, theme);
    }
    for (const curve of front) {
      trace(context, curve.points);
      context.strokeStyle = theme.text;
      context.lineWidth = 4;
      context.stroke();
      strokeCurve(context, curve, 2, 1, theme);
    }
    context.globalAlpha = 1;
  },

  overlay({ curves }, _chosen, hovered, theme) {
    const curve = curves.find((candidate) => candidate.members.includes(hovered ?? -1));
    const end = curve && lastPoint(curve);
    if (!curve || !end) return [];
    const d = curvePath(curve.points);
    const line = (stroke: string, width: number): SvgNode =>
      svg("path", { d, fill: "none", stroke, "stroke-width": width, "stroke-linejoin": "round" });
    return [
      line(theme.surface, 4.5),
      line(theme.accent, 2),
      svg("circle", { cx: end.x, cy: end.y, r: 3.5, fill: theme.accent, stroke: theme.surface }),
    ];
  },

  hit(panel, _model, x, y) {
    const curve = nearestCurve(panel, x, y);
    return curve && { choice: { members: curve.members }, member: curve.member };
  },

  /** Every curve with a part in the rectangle. */
  inside({ curves }, { bounds }) {
    return { members: curves.filter((curve) => touches(curve, bounds)).flatMap((curve) => curve.members) };
  },

  between(panel, from, to) {
    return stretch(byEnd(panel), from, to);
  },

  /** Up and down follow the order of the lines' ends; left and right the numbers of the members. */
  neighbour(panel, _model, member, key) {
    const vertical = key === "ArrowUp" || key === "ArrowDown";
    const order = vertical ? byEnd(panel) : panel.curves.filter(lastPoint).map((curve) => curve.member);
    const at = order.indexOf(member);
    if (key === "Home" || at === -1) return order[0];
    if (key === "End") return order.at(-1);
    return order[key === "ArrowUp" || key === "ArrowRight" ? at + 1 : at - 1];
  },

  anchor({ curves }, member) {
    const curve = curves.find((candidate) => candidate.members.includes(member));
    return curve && lastPoint(curve);
  },
};

/** Members that have a line, from the lowest end to the highest. */
function byEnd({ curves }: CurvesPanel): number[] {
  const ends = curves.flatMap((curve) => {
    const end = lastPoint(curve);
    return end ? [{ member: curve.member, y: end.y }] : [];
  });
  return ends.sort((a, b) => b.y - a.y || a.member - b.member).map(({ member }) => member);
}

function touches({ points }: Curve, bounds: Rect): boolean {
  for (let i = 0; i + 3 < points.length; i += 2) {
    const [ax = NaN, ay = NaN, bx = NaN, by = NaN] = points.subarray(i, i + 4);
    if (!Number.isNaN(ax + bx) && segmentTouches(bounds, { x: ax, y: ay }, { x: bx, y: by })) return true;
  }
  return false;
}

function strokeCurve(
  context: CanvasRenderingContext2D,
  curve: Curve,
  width: number,
  opacity: number,
  theme: Theme,
): void {
  const color = curve.diverged ? theme.warning : (curve.color ?? theme.neutral);
  if (curve.band) {
    trace(context, curve.band);
    context.fillStyle = color;
    context.globalAlpha = 0.25 * opacity;
    context.fill();
  }
  trace(context, curve.points);
  context.strokeStyle = color;
  context.lineWidth = width;
  context.globalAlpha = opacity;
  context.setLineDash([...curve.dash]);
  context.stroke();
  context.setLineDash([]);
  const end = curve.diverged ? lastPoint(curve) : undefined;
  context.globalAlpha = 1;
  if (!end) return;
  context.lineWidth = 2;
  context.stroke(new Path2D(crossPath(end.x, end.y, 3.5)));
}

/** Starts a path along the points; a gap lifts the pen. */
function trace(context: CanvasRenderingContext2D, points: Float32Array): void {
  let pen = false;
  context.beginPath();
  for (let i = 0; i < points.length; i += 2) {
    const x = points[i] ?? NaN;
    const y = points[i + 1] ?? NaN;
    if (Number.isNaN(x)) pen = false;
    else if (pen) context.lineTo(x, y);
    else {
      context.moveTo(x, y);
      pen = true;
    }
  }
}
