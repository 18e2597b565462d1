import type { LatentSpaceView } from "../src/protocol.js";
import { finiteExtent } from "./arrays.js";
import {
  type PanelOptions,
  bottomAxis,
  colorBar,
  colorBarWidth,
  gridLines,
  leftAxis,
  notice,
  panelTitle,
  plotArea,
} from "./axes.js";
import type { FigureModel } from "./figure-model.js";
import { type ColorAxis, continuousColors } from "./palette.js";
import { type AxisScale, axisScale } from "./scales.js";
import { type Rect, type SvgNode, svg } from "./svg-node.js";
import type { Theme } from "./theme.js";

/** A laid-out latent space of one member. */
export interface LatentSpacePanel {
  type: "latent-space";
  plot: Rect;
  frame: SvgNode;
  /** The member shown: the one in focus, else the first that has points. */
  member: number | undefined;
  x: AxisScale;
  y: AxisScale;
  /** Pixels, x and y in turn. */
  pixels: Float32Array;
  /** Colour of each point as an index into `colors.colors`; −1 without one. */
  levels: Int16Array;
  colors: ColorAxis | undefined;
  /** The value that colours a point. */
  colorOf: (point: number) => number | undefined;
  xLabel: string;
  yLabel: string;
}

export function latentSpacePanel(model: FigureModel, view: LatentSpaceView, options: PanelOptions): LatentSpacePanel {
  const { width, height, theme } = options;
  const member = shownMember(model, view);
  const points = memberPoints(model, view, member);
  const colors = view.color === undefined ? undefined : pointColors(model, view, view.color);
  const room = plotArea(width, height, ["−0.0"], colors ? colorBarWidth(colors) : 18);
  const { x, y, plot } = equalScales(points, room);
  const title = (view.title ?? "Latent space") + (member === undefined ? "" : ` of member ${member}`);
  const frame = svg(
    "g",
    {},
    panelTitle(options.letter, title, theme),
    gridLines(x.ticks, y.ticks, plot, theme),
    bottomAxis({ label: view.xLabel, ticks: x.ticks }, plot, theme),
    leftAxis({ label: view.yLabel, ticks: y.ticks }, plot, theme),
    colors ? colorBar(colors, plot, theme) : undefined,
    finiteExtent(points) ? undefined : notice("No latent space yet", plot, theme),
  );
  const pixels = points.map((value, index) => (index % 2 === 0 ? x.toPixel(value) : y.toPixel(value)));
  const colorOf = pointColor(model, view, member);
  const levels = Int16Array.from(
    { length: points.length / 2 },
    (_, point) => colors?.level(colorOf(point) ?? NaN) ?? -1,
  );
  const { xLabel, yLabel } = view;
  return { type: "latent-space", plot, frame, member, x, y, pixels, levels, colors, colorOf, xLabel, yLabel };
}

function shownMember(model: FigureModel, view: LatentSpaceView): number | undefined {
  if (model.focus !== undefined) return model.focus;
  for (let member = 0; member < model.members; member++) {
    if (finiteExtent(memberPoints(model, view, member))) return member;
  }
  return undefined;
}

/** Coordinates of one member, x and y in turn; empty without a member. */
function memberPoints(model: FigureModel, view: LatentSpaceView, member: number | undefined): Float32Array {
  const { shape, values } = model.array(view.points);
  const size = 2 * (shape[1] ?? 0);
  return member === undefined
    ? new Float32Array()
    : Float32Array.from(values.subarray(member * size, (member + 1) * size));
}

/** One colour scale for all members, so that clouds can be compared. */
function pointColors(model: FigureModel, view: LatentSpaceView, name: string): ColorAxis {
  const kind = view.colorScale ?? "linear";
  return continuousColors(
    view.colorLabel ?? name,
    kind,
    finiteExtent(model.array(name).values, kind === "log"),
    "magma",
  );
}

function pointColor(model: FigureModel, view: LatentSpaceView, member = 0): (point: number) => number | undefined {
  if (view.color === undefined) return () => undefined;
  const { shape, values } = model.array(view.color);
  const start = shape.length === 1 ? 0 : member * (shape[1] ?? 0);
  return (point) => values[start + point];
}

/** Scales with the same number of pixels per unit in both directions, over the whole of `plot`. */
function equalScales(points: Float32Array, plot: Rect): { x: AxisScale; y: AxisScale; plot: Rect } {
  const [xLow, xHigh] = finiteExtent(points.filter((_, index) => index % 2 === 0)) ?? [-1, 1];
  const [yLow, yHigh] = finiteExtent(points.filter((_, index) => index % 2 === 1)) ?? [-1, 1];
  const perPixel = Math.max((xHigh - xLow) / plot.width, (yHigh - yLow) / plot.height, 1e-12) * 1.08;
  const around = (low: number, high: number, pixels: number): [number, number] => {
    const centre = (low + high) / 2;
    return [centre - (perPixel * pixels) / 2, centre + (perPixel * pixels) / 2];
  };
  const x = axisScale({
    kind: "linear",
    domain: around(xLow, xHigh, plot.width),
    range: [plot.x, plot.x + plot.width],
    spacing: 36,
  });
  const y = axisScale({
    kind: "linear",
    domain: around(yLow, yHigh, plot.height),
    range: [plot.y + plot.height, plot.y],
    spacing: 36,
  });
  return { x, y, plot };
}

/** Radius of a point in pixels: smaller the more there are. */
export const pointRadius = (count: number): number => Math.min(2.2, Math.max(0.7, 45 / Math.sqrt(Math.max(1, count))));

/** Colours that the static picture tells apart: one path per colour keeps it small. */
const STATIC_LEVELS = 32;

/** All points as nodes of a static picture, bright ones last. */
export function latentSpaceMarks({ pixels, levels, colors }: LatentSpacePanel, theme: Theme): SvgNode {
  const paths = new Map<number, string>();
  const last = (colors?.colors.length ?? 1) - 1;
  for (let i = 0; i < levels.length; i++) {
    const x = pixels[2 * i] ?? NaN;
    const y = pixels[2 * i + 1] ?? NaN;
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    const level = levels[i] ?? -1;
    const bin = level < 0 ? -1 : Math.round((level / last) * (STATIC_LEVELS - 1));
    paths.set(bin, `${paths.get(bin) ?? ""}M${x.toFixed(1)} ${y.toFixed(1)}h0`);
  }
  const color = (bin: number) =>
    bin < 0 ? theme.neutral : colors?.colors[Math.round((bin / (STATIC_LEVELS - 1)) * last)];
  const nodes = [...paths].sort(([a], [b]) => a - b).map(([bin, d]) => svg("path", { d, stroke: color(bin) }));
  const width = 2 * pointRadius(levels.length);
  return svg("g", { "stroke-width": width, "stroke-linecap": "round", "stroke-opacity": 0.85 }, ...nodes);
}
