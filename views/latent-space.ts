import type { LatentFrame, LatentSpaceView } from "../src/protocol.js";
import { finiteExtent } from "./arrays.js";
import { type PanelOptions, colorBar, colorBarWidth, notice, plotArea, text } from "./axes.js";
import { CAMERA } from "./camera.js";
import { type Extents, cloudExtents, projectPlane, projectSpace } from "./cloud.js";
import type { FigureModel } from "./figure-model.js";
import { formatNumber } from "./format.js";
import { type ColorAxis, categoryColors, continuousColors } from "./palette.js";
import { type LegendEntry, panelHead } from "./panel-head.js";
import { type Rect, type SvgNode, svg } from "./svg-node.js";
import { FONT, type Theme } from "./theme.js";

/** A laid-out latent space of one member. */
export interface LatentSpacePanel {
  type: "latent-space";
  plot: Rect;
  frame: SvgNode;
  /** The member shown: the one in focus, else the first that has points. */
  member: number | undefined;
  /** What the plot's axes are laid out for. */
  extents: Extents;
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

/** Pixels below a plot that shows a cloud in space. */
const SPACE_BELOW = 12;

export function latentSpacePanel(model: FigureModel, view: LatentSpaceView, options: PanelOptions): LatentSpacePanel {
  const { theme, camera = CAMERA } = options;
  const state = shownState(view);
  const member = shownMember(model, state);
  const stride = Math.ceil(Math.max(1, (model.array(state.points).shape[1] ?? 0) / model.settings.maximumPoints));
  const points = memberPoints(model, state, member, stride);
  const labels = axisLabels(view, model.array(view.points).shape[2] ?? 2);
  const { held } = options;
  const extents = held && held.member === member ? held.extents : unitedExtents(model, view, member);
  const cloud = { points, labels, extents };
  const colors = view.color === undefined ? undefined : pointColors(model, view);
  const bar = colors?.categories ? undefined : colors;
  const every = (state.every ?? 1) * stride;
  const head = panelHead(
    {
      letter: options.letter,
      title: model.titleOf(view.title, "Latent space", member),
      note: every === 1 ? undefined : `1 in ${formatNumber(every)} points`,
      legend: categoryEntries(colors),
    },
    options,
    theme,
  );
  const spatial = cloud.labels.length === 3;
  const area = plotArea(options, ["−0.0"], { top: head.height, ...(bar && { right: colorBarWidth(bar) }) });
  // A cloud in space has its axes inside the plot, and none below it.
  const plot = spatial ? { ...area, height: Math.max(area.height, options.height - area.y - SPACE_BELOW) } : area;
  const project = spatial ? projectSpace : projectPlane;
  const { pixels, depth, frame } = project(cloud, plot, camera, theme);
  const nodes = svg(
    "g",
    {},
    head.node,
    frame,
    bar && colorBar(bar, plot, theme),
    cloud.points.some(Number.isFinite) ? undefined : notice("No latent space yet", plot, theme),
  );
  const value = pointColor(model, state, member, stride);
  const levels = pointLevels(model, view, state, member, stride, pixels.length / 2);
  const describe = (row: number) => {
    const dimensions = cloud.labels.length;
    const lines = cloud.labels.map((label, axis) => {
      return { label, value: formatNumber(cloud.points[row * dimensions + axis] ?? NaN) };
    });
    const name = colors?.categories?.[value(row)];
    return colors ? [...lines, { label: colors.label, value: name ?? formatNumber(value(row)) }] : lines;
  };
  return { type: "latent-space", plot, frame: nodes, member, extents, pixels, depth, levels, colors, every, describe };
}

const categoryEntries = (colors: ColorAxis | undefined): LegendEntry[] =>
  (colors?.categories ?? []).map((label, index) => ({
    label,
    swatch: ({ x, y, width }) => [
      svg("circle", { cx: x + width / 2, cy: y + width / 2, r: 4, fill: colors?.colors[index] }),
    ],
  }));

/** What is shown of the training: an earlier state, or the present one. */
type State = Pick<LatentFrame, "points" | "color" | "every">;

const shownState = (view: LatentSpaceView): State => view.frames?.[view.frame ?? -1] ?? view;

function shownMember(model: FigureModel, { points }: State): number | undefined {
  if (model.focus !== undefined) return model.focus;
  const { shape, values } = model.array(points);
  const size = (shape[1] ?? 0) * (shape[2] ?? 2);
  const first = values.findIndex((value) => Number.isFinite(value));
  return first === -1 || size === 0 ? undefined : Math.floor(first / size);
}

const axisLabels = ({ xLabel, yLabel, zLabel }: LatentSpaceView, dimensions: number): string[] =>
  [xLabel, yLabel, zLabel ?? "third latent unit"].slice(0, dimensions);

/** Coordinates of every so-many-th point of one member; none without a member. */
function memberPoints(model: FigureModel, { points }: State, member: number | undefined, stride: number): Float32Array {
  const { shape, values } = model.array(points);
  const dimensions = shape[2] ?? 2;
  const size = dimensions * (shape[1] ?? 0);
  return model.memo(`points ${points} ${member} ${stride}`, [points], () => {
    const part = member === undefined ? [] : values.subarray(member * size, (member + 1) * size);
    const all = part instanceof Float32Array ? part : Float32Array.from(part);
    return stride === 1 ? all : strided(all, dimensions, stride);
  });
}

/** The same axes for a member at all times, so that scrubbing shows how its cloud grows. */
function unitedExtents(model: FigureModel, view: LatentSpaceView, member: number | undefined): Extents {
  const states: readonly State[] = [view, ...(view.frames ?? [])];
  const reads = states.map((state) => state.points);
  return model.memo(`extents ${reads.join(" ")} ${member}`, reads, () => {
    const each = states.map((state) => {
      const points = memberPoints(model, state, member, 1);
      return points.some(Number.isFinite) ? cloudExtents(points, model.array(view.points).shape[2] ?? 2) : undefined;
    });
    const known = each.filter((extents) => extents !== undefined);
    const [first = cloudExtents(new Float32Array(), model.array(view.points).shape[2] ?? 2), ...others] = known;
    return first.map(([low, high], axis) => [
      Math.min(low, ...others.map((extents) => extents[axis]?.[0] ?? low)),
      Math.max(high, ...others.map((extents) => extents[axis]?.[1] ?? high)),
    ]);
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

/** One colour scale for all members and all times, so that clouds can be compared. */
function pointColors(model: FigureModel, view: LatentSpaceView): ColorAxis {
  const label = view.colorLabel ?? (view.colorCategories ? "category" : "value");
  if (view.colorCategories) return categoryColors(label, view.colorCategories);
  const kind = view.colorScale ?? "linear";
  const reads = [view, ...(view.frames ?? [])].flatMap(({ color }) => color ?? []);
  return model.memo(`point colours ${reads.join(" ")} ${kind}`, reads, () => {
    const extents = reads.flatMap((name) => finiteExtent(model.array(name).values, kind === "log") ?? []);
    return continuousColors(label, kind, finiteExtent(extents), "magma");
  });
}

function pointColor(model: FigureModel, { color }: State, member = 0, stride = 1): (row: number) => number {
  if (color === undefined) return () => NaN;
  const { shape, values } = model.array(color);
  const start = shape.length === 1 ? 0 : member * (shape[1] ?? 0);
  return (row) => values[start + row * stride] ?? NaN;
}

function pointLevels(
  model: FigureModel,
  view: LatentSpaceView,
  state: State,
  member: number | undefined,
  stride: number,
  count: number,
): Int16Array {
  if (view.color === undefined || state.color === undefined) return new Int16Array(count).fill(-1);
  const colors = pointColors(model, view);
  const reads = [view, ...(view.frames ?? [])].flatMap(({ color }) => color ?? []);
  return model.memo(`levels ${state.color} ${view.colorScale} ${member} ${count}`, reads, () => {
    const value = pointColor(model, state, member, stride);
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

/** Colours of a quantity that the static picture tells apart: one path per colour keeps it small. */
const STATIC_LEVELS = 32;
/** Points that a static picture holds at most. */
const STATIC_POINTS = 20_000;

/** Points as nodes of a static picture, bright ones last; evenly spread ones of very many. */
export function latentSpaceMarks(panel: LatentSpacePanel, theme: Theme): SvgNode {
  const { pixels, levels, colors, plot } = panel;
  const paths = new Map<number, string>();
  const last = (colors?.colors.length ?? 1) - 1;
  const bins = colors?.categories ? last : STATIC_LEVELS - 1;
  const stride = Math.max(1, Math.ceil(levels.length / STATIC_POINTS));
  for (let i = 0; i < levels.length; i += stride) {
    const x = pixels[2 * i] ?? NaN;
    const y = pixels[2 * i + 1] ?? NaN;
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    const level = levels[i] ?? -1;
    const bin = level < 0 ? -1 : Math.round((level / last) * bins || 0);
    paths.set(bin, `${paths.get(bin) ?? ""}M${x.toFixed(1)} ${y.toFixed(1)}h0`);
  }
  const color = (bin: number) => (bin < 0 ? theme.neutral : colors?.colors[Math.round((bin / bins) * last || 0)]);
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
