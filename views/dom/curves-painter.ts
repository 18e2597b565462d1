import { type Curve, type CurvesPanel, curvePath, lastPoint, nearestCurve } from "../curves.js";
import { crossPath } from "../phase-diagram.js";
import { type SvgNode, svg } from "../svg-node.js";
import type { Theme } from "../theme.js";
import type { Painter } from "./painter.js";

export const curvesPainter: Painter<CurvesPanel> = {
  role: "training curves",

  paint(context, { curves }, chosen, theme) {
    const isChosen = new Set(chosen);
    const opacity = isChosen.size > 0 ? 0.28 : curves.length > 200 ? 0.4 : 0.75;
    context.lineJoin = "round";
    for (const curve of curves) if (!isChosen.has(curve.member)) strokeCurve(context, curve, 1, opacity, theme);
    for (const curve of curves) {
      if (!isChosen.has(curve.member)) continue;
      trace(context, curve.points);
      context.strokeStyle = theme.text;
      context.lineWidth = 4;
      context.stroke();
      strokeCurve(context, curve, 2, 1, theme);
    }
    context.globalAlpha = 1;
  },

  overlay({ curves }, _chosen, hovered, theme) {
    const curve = curves.find((candidate) => candidate.member === hovered);
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
    return curve && { members: [curve.member] };
  },

  /** Up and down follow the order of the lines' ends; left and right the numbers of the members. */
  neighbour({ curves }, _model, member, key) {
    const drawn = curves.flatMap((curve) => {
      const end = lastPoint(curve);
      return end ? [{ member: curve.member, y: end.y }] : [];
    });
    const vertical = key === "ArrowUp" || key === "ArrowDown";
    const order = vertical ? drawn.sort((a, b) => b.y - a.y || a.member - b.member) : drawn;
    const at = order.findIndex((entry) => entry.member === member);
    if (key === "Home" || at === -1) return order[0]?.member;
    if (key === "End") return order.at(-1)?.member;
    return order[key === "ArrowUp" || key === "ArrowRight" ? at + 1 : at - 1]?.member;
  },

  anchor({ curves }, member) {
    const curve = curves.find((candidate) => candidate.member === member);
    return curve && lastPoint(curve);
  },
};

function strokeCurve(
  context: CanvasRenderingContext2D,
  curve: Curve,
  width: number,
  opacity: number,
  theme: Theme,
): void {
  trace(context, curve.points);
  context.strokeStyle = curve.diverged ? theme.warning : (curve.color ?? theme.neutral);
  context.lineWidth = width;
  context.globalAlpha = opacity;
  context.stroke();
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
