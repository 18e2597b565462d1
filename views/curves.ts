import type { CurvesView, PhaseDiagramView } from "../src/protocol.js";
import { commonest } from "./aggregate.js";
import { finiteExtent } from "./arrays.js";
import {
  type PanelOptions,
  bottomAxis,
  colorBar,
  colorBarWidth,
  gridLines,
  leftAxis,
  notice,
  plotArea,
} from "./axes.js";
import type { FigureModel } from "./figure-model.js";
import { legibleOn } from "./contrast.js";
import { liesApart } from "./crowding.js";
import { closed, curveGroups, middle, rowQuantile } from "./curve-bands.js";
import { covering, curveStyle, MANY_CURVES } from "./curve-style.js";
import { dashArray, dashOf, SOLID } from "./dashes.js";
import { ownTicks } from "./own-ticks.js";
import type { ColorAxis } from "./palette.js";
import { type LegendEntry, panelHead } from "./panel-head.js";
import { crossPath } from "./phase-diagram.js";
import { type AxisScale, axisScale } from "./scales.js";
import { type Rect, type SvgNode, svg } from "./svg-node.js";
import type { Theme } from "./theme.js";

/** One member's line in pixels: `points` holds x and y in turn; NaN pairs separate pieces. */
export interface Curve {
  /** The member that the line stands for; of a band, the last one in it. */
  member: number;
  /** All members that the line sums up. */
  members: readonly number[];
  points: Float32Array;
  /** Closed outline of the band around the line. */
  band?: Float32Array;
  color: string | undefined;
  /** Lengths of dashes and gaps in pixels: categories beyond the colours that there are have dashed lines. */
  dash: readonly number[];
  diverged: boolean;
  /** One of very many that lies apart from the others. */
  apart: boolean;
}

/** A laid-out bundle of curves. */
export interface CurvesPanel {
  type: "curves";
  plot: Rect;
  frame: SvgNode;
  x: AxisScale;
  y: AxisScale;
  curves: Curve[];
}

export function curvesPanel(model: FigureModel, view: CurvesView, options: PanelOptions): CurvesPanel {
  const { height, theme, surface = theme.surface } = options;
  const steps = model.array(view.x).values;
  const values = model.array(view.y).values;
  const xDomain = abscissae(model, view, steps);
  const yDomain = padded(finiteExtent(values, view.yScale === "log"), view.yScale);
  const vertical = (plot: Pick<Rect, "y" | "height">) =>
    axisScale({ kind: view.yScale, domain: yDomain ?? [0.1, 1], range: [plot.y + plot.height, plot.y], spacing: 34 });
  const groups = curveGroups(model, view);
  const colors = legibleColors(lineColors(model, view), surface, groups.length);
  const isLost = (members: readonly number[]) => members.every((one) => model.state(one) === "diverged");
  const head = panelHead(
    {
      letter: options.letter,
      title: view.title ?? "Training curves",
      note: view.band === undefined ? undefined : `median, 68 % over ${model.column(view.band).label}`,
      legend: [...categoryEntries(colors?.axis), ...(groups.some(isLost) ? [divergedEntry(theme)] : [])],
    },
    options,
    theme,
  );
  const bar = colors?.unexplained && !colors.axis.categories ? colors.axis : undefined;
  const plot = plotArea(
    options,
    vertical({ y: 0, height: height - 80 }).ticks.map((tick) => tick.label),
    { top: head.height, label: view.yLabel, ...(bar && { right: colorBarWidth(bar) }) },
  );
  const x = ownTicks(
    axisScale({ kind: view.xScale, domain: xDomain, range: [plot.x, plot.x + plot.width], spacing: 60 }),
    steps,
  );
  const y = vertical(plot);
  const frame = svg(
    "g",
    {},
    head.node,
    gridLines(x.ticks, y.ticks, plot, theme),
    bottomAxis({ label: view.xLabel, ticks: x.ticks }, plot, theme),
    leftAxis({ label: view.yLabel, ticks: y.ticks }, plot, theme),
    bar && colorBar(bar, plot, theme),
    yDomain ? undefined : notice("No points yet", plot, theme),
  );
  const colorValues = colors && model.values(colors.column);
  const curves = groups.map((members): Curve => {
    const member = members.at(-1) ?? 0;
    const rows = members.map((one) => values.subarray(one * steps.length, (one + 1) * steps.length));
    const summary = colors?.axis.categories ? commonest : middle;
    const level = colors?.axis.level(summary(members.map((one) => colorValues?.[one] ?? NaN))) ?? -1;
    const color = colors?.axis.colors[level];
    const looks = {
      color,
      dash: colors?.axis.categories ? dashOf(level) : SOLID,
      diverged: isLost(members),
      apart: false,
    };
    if (view.band === undefined) return { member, members, points: toPixels(steps, rows[0] ?? [], x, y), ...looks };
    const quantiles = [0.5, 0.16, 0.84].map((share) =>
      toPixels(steps, rowQuantile(rows, steps.length, share), x, y, 0),
    );
    const [points = NO_POINTS, low = NO_POINTS, high = NO_POINTS] = quantiles;
    return { member, members, points, band: closed(low, high), ...looks };
  });
  if (curves.length > MANY_CURVES) strengthenApart(curves, plot, surface);
  return { type: "curves", plot, frame, x, y, curves };
}

/** Of very many lines those that lie apart are drawn stronger, in a colour that can be seen then. */
function strengthenApart(curves: Curve[], plot: Rect, surface: string): void {
  const apart = liesApart(
    curves.map(({ points }) => points),
    plot,
  );
  for (const [index, curve] of curves.entries()) {
    if (!apart[index]) continue;
    curve.apart = true;
    curve.color &&= legibleOn(curve.color, surface, covering(curves.length, true));
  }
}

const NO_POINTS = new Float32Array();

/** A line for each category, if the lines have colours of categories. */
const categoryEntries = (axis: ColorAxis | undefined): LegendEntry[] =>
  (axis?.categories ?? []).map((label, index) => ({
    label,
    swatch: ({ x, y, width, height }) => [
      svg("path", {
        d: `M${x} ${y + height / 2}h${width}`,
        stroke: axis?.colors[index],
        "stroke-width": 3,
        "stroke-dasharray": dashArray(dashOf(index)),
      }),
    ],
  }));

const divergedEntry = ({ warning }: Theme): LegendEntry => ({
  label: "diverged",
  swatch: ({ x, y, width, height }) => [
    svg("path", { d: `M${x} ${y + height / 2}h${width / 2}`, stroke: warning }),
    svg("path", { d: crossPath(x + width / 2, y + height / 2, 3.5), stroke: warning, "stroke-width": 2 }),
  ],
});

/** From the first step to the last one that the run will reach, so that live curves grow into a fixed axis; what was measured has no steps. */
function abscissae(model: FigureModel, view: CurvesView, steps: ArrayLike<number>): [number, number] {
  const reached = finiteExtent(Array.from(steps), view.xScale === "log") ?? [1, 2];
  return [reached[0], Math.max(reached[1], model.progress.steps || -Infinity)];
}

function padded(extent: [number, number] | undefined, kind: "linear" | "log"): [number, number] | undefined {
  if (!extent) return undefined;
  const [low, high] = extent;
  if (kind === "linear") return [low - 0.03 * (high - low), high + 0.03 * (high - low)];
  const factor = (high / low) ** 0.03;
  return [low / factor, high * factor];
}

/** What colours the lines; `unexplained` where no diagram of the figure shows these colours. */
interface LineColors {
  column: string;
  axis: ColorAxis;
  unexplained: boolean;
}

/** The column that colours the lines: the view's own, or the phase diagram's, so that a run looks the same in both. */
function lineColors(model: FigureModel, view: CurvesView): LineColors | undefined {
  const diagram = model.views.find((other): other is PhaseDiagramView => other.type === "phase-diagram");
  const column = view.color ?? diagram?.color;
  if (column === undefined) return undefined;
  const scale = (view.color === undefined ? diagram?.colorScale : view.colorScale) ?? "linear";
  const unexplained = column !== diagram?.color || scale !== diagram.colorScale;
  return { column, axis: model.columnColors(column, scale), unexplained };
}

/** The colours as lines need them to be seen on the surface; of very many lines each is faint, and all together are not. */
function legibleColors(colors: LineColors | undefined, surface: string, count: number): LineColors | undefined {
  if (!colors) return undefined;
  const opacity = count > MANY_CURVES ? 1 : covering(count);
  const legible = colors.axis.colors.map((color) => legibleOn(color, surface, opacity));
  return { ...colors, axis: { ...colors.axis, colors: legible } };
}

/** Points of one line, without those that would fall on the one before. */
function toPixels(
  steps: ArrayLike<number>,
  values: ArrayLike<number>,
  x: AxisScale,
  y: AxisScale,
  apart = 0.5,
): Float32Array {
  const count = steps.length;
  const points = new Float32Array(2 * count);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const px = x.toPixel(steps[i] ?? NaN);
    const py = y.toPixel(values[i] ?? NaN);
    const missing = Number.isNaN(px) || Number.isNaN(py);
    if (!missing && i < count - 1 && near(points, kept, px, py, apart)) continue;
    points[kept++] = missing ? NaN : px;
    points[kept++] = missing ? NaN : py;
  }
  return points.slice(0, kept);
}

/** Whether (x, y) lies within `apart` pixels of the last point kept. */
const near = (points: Float32Array, kept: number, x: number, y: number, apart: number): boolean =>
  Math.abs((points[kept - 2] ?? NaN) - x) < apart && Math.abs((points[kept - 1] ?? NaN) - y) < apart;

/** Last point of a line that has a value. */
export function lastPoint({ points }: Curve): { x: number; y: number } | undefined {
  for (let i = points.length - 2; i >= 0; i -= 2) {
    const x = points[i] ?? NaN;
    const y = points[i + 1] ?? NaN;
    if (!Number.isNaN(x)) return { x, y };
  }
  return undefined;
}

/** The curve nearest to a point of the plot, within `reach` pixels. */
export function nearestCurve({ curves }: CurvesPanel, x: number, y: number, reach = 8): Curve | undefined {
  let best: Curve | undefined;
  let least = reach * reach;
  for (const curve of curves) {
    const { points } = curve;
    for (let i = 0; i < points.length; i += 2) {
      const distance = segmentDistance(points, i, x, y);
      if (distance < least) [least, best] = [distance, curve];
    }
  }
  return best;
}

/** Squared distance from (x, y) to the piece that starts at element i; infinite where the line has a gap. */
function segmentDistance(points: Float32Array, i: number, x: number, y: number): number {
  const ax = points[i] ?? NaN;
  const ay = points[i + 1] ?? NaN;
  const dx = (points[i + 2] ?? ax) - ax || 0;
  const dy = (points[i + 3] ?? ay) - ay || 0;
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length));
  const distance = (ax + t * dx - x) ** 2 + (ay + t * dy - y) ** 2;
  return Number.isNaN(distance) ? Infinity : distance;
}

/** The line as SVG path data. */
export function curvePath(points: Float32Array): string {
  let path = "";
  let pen = "M";
  for (let i = 0; i < points.length; i += 2) {
    const x = points[i] ?? NaN;
    if (Number.isNaN(x)) pen = "M";
    else {
      path += `${pen}${x.toFixed(1)} ${(points[i + 1] ?? 0).toFixed(1)}`;
      pen = "L";
    }
  }
  return path;
}

/** All lines as nodes of a static picture; chosen ones on top of the others, which step back. */
export function curvesMarks(panel: CurvesPanel, chosen: readonly number[], theme: Theme): SvgNode {
  const isChosen = new Set(chosen);
  const background = panel.curves.filter((curve) => !curve.members.some((member) => isChosen.has(member)));
  const front = panel.curves.filter((curve) => !background.includes(curve));
  const styleOf = ({ apart }: Curve) => curveStyle(panel.curves.length, front.length > 0, apart);
  return svg(
    "g",
    { fill: "none", "stroke-linejoin": "round" },
    ...background.flatMap((curve) => curveNodes(curve, styleOf(curve), theme)),
    ...front.flatMap((curve) => [
      svg("path", { d: curvePath(curve.points), stroke: theme.text, "stroke-width": 4 }),
      ...curveNodes(curve, { width: 2, opacity: 1 }, theme),
    ]),
  );
}

function curveNodes(curve: Curve, { width, opacity }: ReturnType<typeof curveStyle>, theme: Theme): SvgNode[] {
  const d = curvePath(curve.points);
  const stroke = curve.diverged ? theme.warning : (curve.color ?? theme.neutral);
  const dash = dashArray(curve.dash);
  const line = svg("path", { d, stroke, "stroke-width": width, "stroke-opacity": opacity, "stroke-dasharray": dash });
  const end = curve.diverged ? lastPoint(curve) : undefined;
  if (curve.band && d !== "") {
    return [svg("path", { d: `${curvePath(curve.band)}z`, fill: stroke, "fill-opacity": 0.25 * opacity }), line];
  }
  if (!end) return d === "" ? [] : [line];
  return [line, svg("path", { d: crossPath(end.x, end.y, 3.5), stroke, "stroke-width": 2 })];
}
