import type { Column, HistogramView } from "../src/protocol.js";
import { finiteExtent } from "./arrays.js";
import { type PanelOptions, bottomAxis, gridLines, leftAxis, notice, plotArea } from "./axes.js";
import type { FigureModel } from "./figure-model.js";
import { withUnit } from "./format.js";
import { distinctValues, gridAxis, interval } from "./phase-axis.js";
import { panelHead } from "./panel-head.js";
import { type AxisScale, axisScale } from "./scales.js";
import { type Rect, type SvgNode, svg } from "./svg-node.js";
import type { Theme } from "./theme.js";

/** One bar: the members whose values lie in it. */
export interface Bar {
  members: number[];
  /** Pixels from left to right. */
  left: number;
  right: number;
}

/** The histogram of one column. */
export interface Histogram {
  plot: Rect;
  bars: Bar[];
  y: AxisScale;
}

/** Laid-out histograms beside each other. */
export interface HistogramPanel {
  type: "histogram";
  plot: Rect;
  frame: SvgNode;
  histograms: Histogram[];
}

const GAP = 26;

export function histogramPanel(model: FigureModel, view: HistogramView, options: PanelOptions): HistogramPanel {
  const { theme } = options;
  const names = view.columns.map((name) => model.column(name).label).join(", ");
  const title = view.title ?? `Distribution of ${names}`;
  const head = panelHead({ letter: options.letter, title }, options, theme);
  const plot = plotArea(options, ["100"], { top: head.height });
  const each = (plot.width - GAP * (view.columns.length - 1)) / view.columns.length;
  const laid = view.columns.map((name, index) => {
    const at = { ...plot, x: plot.x + index * (each + GAP), width: each };
    return histogram(model, model.column(name), view.bins, at, index === 0 ? "members" : "", theme);
  });
  const frame = svg("g", {}, head.node, ...laid.map((one) => one.frame));
  return { type: "histogram", plot, frame, histograms: laid.map((one) => one.histogram) };
}

function histogram(
  model: FigureModel,
  column: Column,
  bins: number,
  plot: Rect,
  yLabel: string,
  theme: Theme,
): { frame: SvgNode; histogram: Histogram } {
  const values = model.values(column.name);
  const { edges, ticks } = binEdges(column, values, bins, plot);
  const bars = edges.slice(1).map((right, index): Bar => ({ members: [], left: edges[index] ?? right, right }));
  const toPixel = binPixel(column, values, bins, plot);
  values.forEach((value, member) => bars[interval(edges, toPixel(value))]?.members.push(member));
  const most = Math.max(1, ...bars.map((bar) => bar.members.length));
  const y = axisScale({ kind: "linear", domain: [0, most * 1.05], range: [plot.y + plot.height, plot.y], spacing: 40 });
  const frame = svg(
    "g",
    {},
    gridLines([], y.ticks, plot, theme),
    bottomAxis({ label: withUnit(column.label, column.unit), ticks }, plot, theme),
    leftAxis({ label: yLabel, ticks: y.ticks.filter((tick) => Number.isInteger(tick.value)) }, plot, theme),
    bars.some((bar) => bar.members.length > 0) ? undefined : notice("No values yet", plot, theme),
  );
  return { frame, histogram: { plot, bars, y } };
}

/** Whether every value has a bar of its own. */
const isDiscrete = (column: Column, distinct: readonly number[], bins: number): boolean =>
  column.scale === "category" || (distinct.length <= bins && column.role === "hyperparameter");

/** Where the bars begin and end, and the ticks of their axis. */
function binEdges(column: Column, values: ArrayLike<number>, bins: number, plot: Rect) {
  const distinct = distinctValues(values);
  const range: [number, number] = [plot.x, plot.x + plot.width];
  if (isDiscrete(column, distinct, bins)) return gridAxis(column, distinct, range, { spacing: 34 });
  const { ticks } = continuousScale(column, values, plot);
  // The last edge lies a hair further out, so that the largest value is in the last bar.
  const edges = Array.from({ length: bins + 1 }, (_, index) => plot.x + (index * plot.width) / bins);
  edges[bins] = (edges[bins] ?? 0) + 1e-6;
  return { edges, ticks };
}

function binPixel(column: Column, values: ArrayLike<number>, bins: number, plot: Rect): (value: number) => number {
  const distinct = distinctValues(values);
  if (!isDiscrete(column, distinct, bins)) return continuousScale(column, values, plot).toPixel;
  const { edges } = binEdges(column, values, bins, plot);
  const places = new Map(distinct.map((value, index) => [value, ((edges[index] ?? 0) + (edges[index + 1] ?? 0)) / 2]));
  return (value) => places.get(value) ?? NaN;
}

function continuousScale(column: Column, values: ArrayLike<number>, plot: Rect): AxisScale {
  const kind = column.scale === "log" ? "log" : "linear";
  const domain = finiteExtent(Array.from(values), kind === "log") ?? [1, 2];
  return axisScale({ kind, domain, range: [plot.x, plot.x + plot.width], spacing: 50 });
}

/** A bar as a rectangle, as high as `count` members are. */
export function barBox({ left, right }: Bar, { y, plot }: Histogram, count: number): Rect {
  const top = y.toPixel(count);
  return { x: left + 0.5, y: top, width: Math.max(0.5, right - left - 1), height: plot.y + plot.height - top };
}

/** All bars as nodes; what is chosen of each in the accent colour. */
export function histogramMarks({ histograms }: HistogramPanel, chosen: readonly number[], theme: Theme): SvgNode {
  const isChosen = new Set(chosen);
  const nodes = histograms.flatMap((one) =>
    one.bars.flatMap((bar) => {
      const part = bar.members.filter((member) => isChosen.has(member)).length;
      if (bar.members.length === 0) return [];
      const all = svg("rect", { ...barBox(bar, one, bar.members.length), fill: theme.neutral, "fill-opacity": 0.45 });
      return part === 0 ? [all] : [all, svg("rect", { ...barBox(bar, one, part), fill: theme.accent })];
    }),
  );
  return svg("g", {}, ...nodes);
}
