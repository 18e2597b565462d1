import type { LatentSpaceView } from "../src/protocol.js";
import { finiteExtent } from "./arrays.js";
import { type PanelOptions, colorBar, colorBarWidth, notice, panelTitle, plotArea, text } from "./axes.js";
import { CAMERA } from "./camera.js";
import { type Cloud, cloudExtents, projectPlane, projectSpace } from "./cloud.js";
import type { FigureModel } from "./figure-model.js";
import { formatNumber } from "./format.js";
import { type ColorAxis, continuousColors } from "./palette.js";
import { type Rect, type SvgNode, svg, textWidth } from "./svg-node.js";
import { FONT, type Theme } from "./theme.js";

/** A laid-out latent space of one member. */
export interface LatentSpacePanel {
  type: "latent-space";
  plot: Rect;
  frame: SvgNode;
  /** The member shown: the one in focus, else the first that has points. */
  member: number | undefined;
  /** Pixels, x and y in turn. */
  pixels: Float32Array;
  /** How near to the viewer each point is; only in three dimensions. */
  depth: Float32Array | undefined;
  /** Colour of each point as an index into `colors.colors`; −1 without one. */
  levels: Int16Array;
  colors: ColorAxis | undefined;
  /** The row shown stands for the point `every · row`. */
  every: number;
  /** What is known of a row. */
  describe: (row: number) => { label: string; value: string }[];
}

export function latentSpacePanel(model: FigureModel, view: LatentSpaceView, options: PanelOptions): LatentSpacePanel {
  const { width, height, theme, camera = CAMERA } = options;
  const member = shownMember(model, view);
  const stride = Math.ceil(Math.max(1, (model.array(view.points).shape[1] ?? 0) / model.settings.maximumPoints));
  const cloud = memberCloud(model, view, member, stride);
  const colors = view.color === undefined ? undefined : pointColors(model, view, view.color);
  const plot = plotArea(width, height, ["−0.0"], colors ? colorBarWidth(colors) : 18);
  const project = cloud.labels.length === 3 ? projectSpace : projectPlane;
  const { pixels, depth, frame } = project(cloud, plot, camera, theme);
  const title = (view.title ?? "Latent space") + (member === undefined ? "" : ` of member ${member}`);
  const every = (view.every ?? 1) * stride;
  const note = every === 1 ? "" : `1 of ${formatNumber(every)} points`;
  const nodes = svg(
    "g",
    {},
    panelTitle(options.letter, title, theme),
    note ? sampleNote(note, title, width, theme) : undefined,
    frame,
    colors ? colorBar(colors, plot, theme) : undefined,
    cloud.points.some(Number.isFinite) ? undefined : notice("No latent space yet", plot, theme),
  );
  const value = pointColor(model, view, member, stride);
  const levels = pointLevels(model, view, member, stride, pixels.length / 2);
  const describe = (row: number) => {
    const dimensions = cloud.labels.length;
    const lines = cloud.labels.map((label, axis) => {
      return { label, value: formatNumber(cloud.points[row * dimensions + axis] ?? NaN) };
    });
    return colors ? [...lines, { label: colors.label, value: formatNumber(value(row)) }] : lines;
  };
  return { type: "latent-space", plot, frame: nodes, member, pixels, depth, levels, colors, every, describe };
}

/** That not all points are there; above the plot where the title leaves room, else inside. */
function sampleNote(note: string, title: string, width: number, theme: Theme): SvgNode {
  const beside = textWidth(title, FONT.panel) + textWidth(note, FONT.tick) + 50 < width;
  return text(note, width - 8, beside ? 17 : 46, theme.muted, FONT.tick, { "text-anchor": "end" });
}

function shownMember(model: FigureModel, view: LatentSpaceView): number | undefined {
  if (model.focus !== undefined) return model.focus;
  const { shape, values } = model.array(view.points);
  const size = (shape[1] ?? 0) * (shape[2] ?? 2);
  const first = values.findIndex((value) => Number.isFinite(value));
  return first === -1 || size === 0 ? undefined : Math.floor(first / size);
}

/** Every so-many-th point of one member; none without a member. */
function memberCloud(model: FigureModel, view: LatentSpaceView, member: number | undefined, stride: number): Cloud {
  const { shape, values } = model.array(view.points);
  const dimensions = shape[2] ?? 2;
  const size = dimensions * (shape[1] ?? 0);
  const labels = [view.xLabel, view.yLabel, view.zLabel ?? "third latent unit"].slice(0, dimensions);
  return model.memo(`cloud ${view.points} ${member}`, [view.points], () => {
    const part = member === undefined ? [] : values.subarray(member * size, (member + 1) * size);
    const all = part instanceof Float32Array ? part : Float32Array.from(part);
    const points = stride === 1 ? all : strided(all, dimensions, stride);
    return { points, labels, extents: cloudExtents(points, dimensions) };
  });
}

/** The coordinates of every so-many-th point. */
function strided(points: Float32Array, dimensions: number, stride: number): Float32Array {
  const kept = new Float32Array(Math.ceil(points.length / dimensions / stride) * dimensions);
  for (let i = 0; i < kept.length; i++) {
    const point = Math.floor(i / dimensions) * stride;
    kept[i] = points[point * dimensions + (i % dimensions)] ?? NaN;
  }
  return kept;
}

/** One colour scale for all members, so that clouds can be compared. */
function pointColors(model: FigureModel, view: LatentSpaceView, name: string): ColorAxis {
  const kind = view.colorScale ?? "linear";
  return model.memo(`point colours ${name} ${kind}`, [name], () => {
    const domain = finiteExtent(model.array(name).values, kind === "log");
    return continuousColors(view.colorLabel ?? "value", kind, domain, "magma");
  });
}

function pointColor(model: FigureModel, view: LatentSpaceView, member = 0, stride = 1): (row: number) => number {
  if (view.color === undefined) return () => NaN;
  const { shape, values } = model.array(view.color);
  const start = shape.length === 1 ? 0 : member * (shape[1] ?? 0);
  return (row) => values[start + row * stride] ?? NaN;
}

function pointLevels(
  model: FigureModel,
  view: LatentSpaceView,
  member: number | undefined,
  stride: number,
  count: number,
): Int16Array {
  if (view.color === undefined) return new Int16Array(count).fill(-1);
  const colors = pointColors(model, view, view.color);
  return model.memo(`levels ${view.color} ${view.colorScale} ${member} ${count}`, [view.color], () => {
    const value = pointColor(model, view, member, stride);
    const levels = new Int16Array(count);
    for (let row = 0; row < count; row++) levels[row] = colors.level(value(row));
    return levels;
  });
}

/** Radius of a point in pixels: smaller the more there are. */
export const pointRadius = (count: number): number => Math.min(2.2, Math.max(0.7, 45 / Math.sqrt(Math.max(1, count))));

/** Rows of the chosen points that are shown. */
export function chosenRows({ every, levels }: LatentSpacePanel, points: readonly number[]): number[] {
  return points.map((point) => point / every).filter((row) => Number.isInteger(row) && row < levels.length);
}

/** Colours that the static picture tells apart: one path per colour keeps it small. */
const STATIC_LEVELS = 32;
/** Points that a static picture holds at most. */
const STATIC_POINTS = 20_000;

/** Points as nodes of a static picture, bright ones last; evenly spread ones of very many. */
export function latentSpaceMarks(panel: LatentSpacePanel, theme: Theme): SvgNode {
  const { pixels, levels, colors, plot } = panel;
  const paths = new Map<number, string>();
  const last = (colors?.colors.length ?? 1) - 1;
  const stride = Math.max(1, Math.ceil(levels.length / STATIC_POINTS));
  for (let i = 0; i < levels.length; i += stride) {
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
  const width = 2 * pointRadius(levels.length / stride);
  const drawn = `${formatNumber(Math.ceil(levels.length / stride))} of ${formatNumber(levels.length)} points drawn`;
  return svg(
    "g",
    {},
    svg("g", { "stroke-width": width, "stroke-linecap": "round", "stroke-opacity": 0.85 }, ...nodes),
    stride > 1 ? text(drawn, plot.x + 4, plot.y + 12, theme.muted, FONT.tick) : undefined,
  );
}
