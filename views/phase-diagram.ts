import { MEMBER_STATES, type MemberState, type PhaseDiagramView } from "../src/protocol.js";
import { aggregateLabel } from "./aggregate.js";
import { finiteExtent } from "./arrays.js";
import {
  type PanelOptions,
  bottomAxis,
  bottomLabel,
  colorBar,
  colorBarWidth,
  leftAxis,
  leftLabel,
  plotArea,
  px,
  text,
} from "./axes.js";
import type { FigureModel } from "./figure-model.js";
import { formatValue, withUnit } from "./format.js";
import { type ColorAxis, continuousColors } from "./palette.js";
import { type LegendEntry, panelHead } from "./panel-head.js";
import { gridAxis } from "./phase-axis.js";
import { phaseCells } from "./phase-cells.js";
import { type CellContents, NO_CONTENT, PhaseGrid, cellContents } from "./phase-grid.js";
import type { Tick } from "./scales.js";
import { type Rect, type SvgNode, svg, textWidth } from "./svg-node.js";
import { fitText } from "./text-fit.js";
import { FONT, type Theme } from "./theme.js";

/** A laid-out phase diagram. */
export interface PhaseDiagramPanel {
  type: "phase-diagram";
  plot: Rect;
  /** Title, axes and legends. */
  frame: SvgNode;
  /** One for each facet. */
  grids: PhaseGrid[];
  colors: ColorAxis;
  /** Phase boundaries of all grids, as SVG path data. */
  boundaries: string;
}

/** Pixels between cells and axes. */
const AXIS_GAP = 5;

/** Part of a panel's width that the names of categories at the left may take. */
const WIDEST_NAME = 0.3;

/** Room above the plot of a facet for its value, and between facets; how far the labels of its ticks may reach into that. */
const FACET = { label: 15, gap: 10, beyond: 2 } as const;

export function phaseDiagramPanel(
  model: FigureModel,
  view: PhaseDiagramView,
  options: PanelOptions,
): PhaseDiagramPanel {
  const { width, height, theme } = options;
  const cells = phaseCells(model, view);
  const x = model.column(view.x);
  const y = model.column(view.y);
  const toScale = cells.facets.some((facet) => facet.shownAt !== facet.cellAt);
  const vertical = (at: Pick<Rect, "y" | "height">) =>
    gridAxis(y, cells.y, [at.y + at.height, at.y], { spacing: 16, toScale, nameRoom: WIDEST_NAME * width });
  // Labels decide how much room the plot has, and do not depend on it but in number: a first layout gives their width.
  const labels = vertical({ y: 0, height: height - 80 }).ticks.map((tick) => tick.label);
  const contents = cells.facets.map((facet) => cellContents(facet, model, view));
  const colors = cellColors(model, view, contents);
  const right = colors.categories ? 18 : colorBarWidth(colors);
  const layOut = (top: number) => {
    const plot = plotArea(options, labels, { top, right, label: withUnit(y.label, y.unit) });
    const places = facetPlots(plot, cells.facets.length);
    const grids = cells.facets.map((facet, index) => {
      const at = places[index] ?? plot;
      const horizontal = gridAxis(x, cells.x, [at.x, at.x + at.width], { spacing: 34, toScale });
      return new PhaseGrid(facet, horizontal, vertical(at), at, contents[index] ?? NO_CONTENT);
    });
    return { plot, grids };
  };
  const name = view.title ?? `${colors.label[0]?.toUpperCase() ?? ""}${colors.label.slice(1)}`;
  const title = cells.omitted > 0 ? `${name} (${cells.omitted} facets not shown)` : name;
  // What the legend names depends on the size of cells, and where these begin on the legend: it is that of a first layout.
  const draft = layOut(panelHead({ title }, options, theme).height);
  const legend = [...categoryEntries(colors), ...stateEntries(draft.grids, theme)];
  const head = panelHead({ letter: options.letter, title, legend }, options, theme);
  const { plot, grids } = head.height === draft.plot.y ? draft : layOut(head.height);
  const frame = svg(
    "g",
    {},
    ...grids.flatMap((grid) => facetFrame(model, view, grid, grids, theme)),
    axisLabel(withUnit(x.label, x.unit), "x", plot, grids, theme),
    axisLabel(withUnit(y.label, y.unit), "y", plot, grids, theme),
    colors.categories ? undefined : colorBar(colors, plot, theme),
    head.node,
  );
  const boundaries = grids.map((grid) => boundaryPath(grid, view, colors)).join("");
  return { type: "phase-diagram", plot, frame, grids, colors, boundaries };
}

/** Colours of members' values, or of what an aggregate makes of them. */
function cellColors(model: FigureModel, view: PhaseDiagramView, contents: readonly CellContents[]): ColorAxis {
  const column = model.column(view.color);
  const label = aggregateLabel(view, column);
  const { palette } = model.settings;
  if (view.aggregate === "share") return continuousColors(label, "linear", [0, 1], palette);
  if (view.aggregate !== "spread") return { ...model.columnColors(view.color, view.colorScale), label };
  const extents = contents.flatMap(({ values }) => finiteExtent(values, view.colorScale === "log") ?? []);
  return continuousColors(label, view.colorScale, finiteExtent(extents), palette);
}

/** Plots for this many facets beside and below each other, as square as they fit. */
function facetPlots(plot: Rect, count: number): Rect[] {
  if (count <= 1) return [plot];
  const across = Math.min(count, Math.max(1, Math.round(Math.sqrt((count * plot.width) / plot.height))));
  const down = Math.ceil(count / across);
  const width = (plot.width - (across - 1) * FACET.gap) / across;
  const height = (plot.height - (down - 1) * FACET.gap) / down - FACET.label;
  return Array.from({ length: count }, (_, index) => ({
    x: plot.x + (index % across) * (width + FACET.gap),
    y: plot.y + Math.floor(index / across) * (height + FACET.label + FACET.gap) + FACET.label,
    width,
    height,
  }));
}

/** Axes of one grid, labelled at the outer ones only, and the facet's value above it. */
function facetFrame(
  model: FigureModel,
  view: PhaseDiagramView,
  grid: PhaseGrid,
  grids: readonly PhaseGrid[],
  theme: Theme,
): SvgNode[] {
  const { plot, facet } = grid;
  const below = grids.some((other) => other.plot.x === plot.x && other.plot.y > plot.y);
  const beside = grids.some((other) => other.plot.y === plot.y && other.plot.x < plot.x);
  const bare = (ticks: readonly Tick[]) => ticks.map((tick) => ({ ...tick, label: "" }));
  const alone = grids.every((other) => other.plot.x === plot.x);
  const bottom = { label: "", ticks: below ? bare(grid.x.ticks) : grid.x.ticks };
  const nodes = [
    bottomAxis(bottom, plot, theme, AXIS_GAP, alone ? undefined : FACET.beyond),
    leftAxis({ label: "", ticks: beside ? bare(grid.y.ticks) : grid.y.ticks }, plot, theme, AXIS_GAP),
  ];
  if (view.facet === undefined || facet.value === undefined) return nodes;
  const column = model.column(view.facet);
  const value = column.categories?.[facet.value] ?? formatValue(facet.value, column.unit);
  const room = plot.width + FACET.gap / 2;
  const long = `${column.label} ${value}`;
  // The value tells facets apart; the name of the hyperparameter goes first where there is no room for both.
  const name = textWidth(long, FONT.tick) > room ? fitText(value, FONT.tick, room) : long;
  return [...nodes, text(name, plot.x, plot.y - 4, theme.muted, FONT.tick)];
}

/** The name of an axis, once for all facets. */
function axisLabel(label: string, axis: "x" | "y", plot: Rect, grids: readonly PhaseGrid[], theme: Theme): SvgNode {
  const ticks = grids[0]?.y.ticks ?? [];
  return axis === "x"
    ? bottomLabel(label, plot, theme)
    : leftLabel(label, plot, theme, Math.max(0, ...ticks.map((tick) => textWidth(tick.label, FONT.tick))), AXIS_GAP);
}

/** Lines between cells on either side of the view's levels, and between different categories. */
function boundaryPath(grid: PhaseGrid, { boundaries }: PhaseDiagramView, { categories }: ColorAxis): string {
  if (!boundaries) return "";
  const phase = (cell: number): number => {
    const value = grid.values[cell] ?? NaN;
    return categories || Number.isNaN(value) ? value : boundaries.filter((level) => value >= level).length;
  };
  return grid.borders((a, b) => {
    const [p, q] = [phase(a), phase(b)];
    return p !== q && !Number.isNaN(p) && !Number.isNaN(q);
  });
}

/** An outline around chosen cells: between neighbours of which one is chosen. */
export function chosenPath(grid: PhaseGrid, chosen: readonly number[]): string {
  const cells = new Set(chosen.map((member) => grid.facet.cellOf[member] ?? -1));
  cells.delete(-1);
  return cells.size === 0 ? "" : grid.borders((a, b) => cells.has(a) !== cells.has(b));
}

/** A stroke or a filled shape on a cell; `path` is SVG path data, which canvas's Path2D reads too. */
export interface CellMark {
  path: string;
  fill?: string;
  stroke?: string;
  width?: number;
}

/** Below this size in pixels a cell has no gap to its neighbours and no glyph. */
export const SMALL_CELL = 7;

/** The visible part of a cell: neighbours are separated by a hairline when there is room. */
export function cellBox({ x, y, width, height }: Rect): Rect {
  const gap = Math.min(width, height) < SMALL_CELL ? 0 : 1;
  return { x: x + gap / 2, y: y + gap / 2, width: width - gap, height: height - gap };
}

/** Colours of states in cells that are too small for a cross or a bar. */
const SMALL_FILLS: Partial<Record<MemberState, "warning" | "muted">> = { diverged: "warning", failed: "muted" };

/** Fill of a cell: its value's colour, and without a value one for its state. */
export function cellFill(grid: PhaseGrid, cell: number, colors: ColorAxis, theme: Theme): string {
  const state = MEMBER_STATES[grid.states[cell] ?? 0];
  if (state === "diverged" || state === "failed") {
    return theme[(grid.cellSize < SMALL_CELL && SMALL_FILLS[state]) || "empty"];
  }
  return colors.color(grid.values[cell] ?? NaN) ?? theme.empty;
}

/**
 * Marks of a cell's state, told apart by shape and not by colour alone: a cross for diverged, a bar for failed,
 * a dot while running, a small bar for stopped before its end.
 */
export function cellMarks(state: MemberState, box: Rect, theme: Theme): CellMark[] {
  const { x, y, width, height } = box;
  const size = Math.min(width, height);
  if (size < SMALL_CELL - 1) return [];
  const cx = x + width / 2;
  const cy = y + height / 2;
  const arm = Math.min(5, size * 0.28);
  switch (state) {
    case "diverged":
      return [{ path: crossPath(cx, cy, arm), stroke: theme.warning, width: 2 }];
    case "failed":
      return [{ path: `M${px(cx - arm)} ${px(cy)}h${px(2 * arm)}`, stroke: theme.muted, width: 2 }];
    case "running":
      return [{ path: dotPath(cx, cy, Math.min(2.2, size * 0.16)), fill: "#ffffff", stroke: "#00000066", width: 0.75 }];
    case "stopped":
      return [{ path: `M${px(cx - arm)} ${px(y + height - 2.5)}h${px(2 * arm)}`, stroke: "#ffffff", width: 1.5 }];
    case "waiting":
    case "finished":
      return [];
  }
}

/** Two diagonal strokes. */
export const crossPath = (x: number, y: number, arm: number): string =>
  `M${px(x - arm)} ${px(y - arm)}l${px(2 * arm)} ${px(2 * arm)}M${px(x - arm)} ${px(y + arm)}l${px(2 * arm)} ${px(-2 * arm)}`;

const dotPath = (x: number, y: number, radius: number): string =>
  `M${px(x - radius)} ${px(y)}a${px(radius)} ${px(radius)} 0 1 0 ${px(2 * radius)} 0a${px(radius)} ${px(radius)} 0 1 0 ${px(-2 * radius)} 0z`;

/** A swatch as a cell is drawn. */
const cellEntry = (label: string, fill: string, state: MemberState, theme: Theme): LegendEntry => ({
  label,
  swatch: (box) => [svg("rect", { ...box, fill }), ...cellMarks(state, box, theme).map(markNode)],
});

function categoryEntries(colors: ColorAxis): LegendEntry[] {
  return (colors.categories ?? []).map((label, index) => ({
    label,
    swatch: (box) => [svg("rect", { ...box, fill: colors.colors[index] })],
  }));
}

/** States that need explaining, if any cell has them. */
function stateEntries(grids: readonly PhaseGrid[], theme: Theme): LegendEntry[] {
  const present = new Set(MEMBER_STATES.filter((_, code) => grids.some((grid) => grid.states.includes(code))));
  const states: MemberState[] = ["diverged", "failed", "stopped", "running"];
  const fill = (state: MemberState) => (state === "stopped" || state === "running" ? theme.neutral : theme.empty);
  const small = grids.some((grid) => grid.cellSize < SMALL_CELL);
  return states.flatMap((state): LegendEntry[] => {
    if (!present.has(state)) return [];
    if (!small) return [cellEntry(state, fill(state), state, theme)];
    const color = SMALL_FILLS[state];
    return color ? [cellEntry(state, theme[color], "finished", theme)] : [];
  });
}

const markNode = ({ path, fill = "none", stroke, width }: CellMark): SvgNode =>
  svg("path", { d: path, fill, stroke, "stroke-width": width });

/** All cells as nodes of a static picture, boundaries and outlines of chosen cells. */
export function phaseDiagramMarks(panel: PhaseDiagramPanel, chosen: readonly number[], theme: Theme): SvgNode {
  const rings = panel.grids.map((grid) => chosenPath(grid, chosen)).join("");
  const line = (d: string, stroke: string, width: number) =>
    d === "" ? undefined : svg("path", { d, fill: "none", stroke, "stroke-width": width, "stroke-linecap": "square" });
  return svg(
    "g",
    {},
    ...panel.grids.flatMap((grid) => gridNodes(grid, panel.colors, theme)),
    ...boundaryLines(panel.boundaries, theme),
    line(rings, theme.surface, 4.5),
    line(rings, theme.text, 2),
  );
}

/** Phase boundaries: dark lines with a light rim, to be seen on any colour. */
export const boundaryLines = (d: string, theme: Theme): SvgNode[] =>
  d === ""
    ? []
    : [
        svg("path", { d, fill: "none", stroke: theme.surface, "stroke-width": 3, "stroke-opacity": 0.7 }),
        svg("path", { d, fill: "none", stroke: theme.text, "stroke-width": 1.25 }),
      ];

/** Cells of one colour are one path, and neighbours in a row one rectangle: large diagrams stay small pictures. */
function gridNodes(grid: PhaseGrid, colors: ColorAxis, theme: Theme): SvgNode[] {
  const paths = new Map<string, string>();
  const add = (fill: string, box: Rect) =>
    paths.set(fill, `${paths.get(fill) ?? ""}${rectPath(whole ? overlapping(box) : cellBox(box))}`);
  const columns = sampled(grid.x.values.length, grid.plot.width);
  const whole = grid.cellSize < SMALL_CELL || grid.facet.shownAt !== grid.facet.cellAt;
  for (const [row, nextRow] of sampled(grid.y.values.length, grid.plot.height)) {
    const rowBox = { ...grid.rect(0, row), y: grid.y.edges[nextRow] ?? 0 };
    const height = (grid.y.edges[row] ?? 0) - rowBox.y;
    let run: { fill: string; box: Rect } | undefined;
    for (const [column, nextColumn] of columns) {
      const cell = grid.shown(column, row);
      const x = grid.x.edges[column] ?? 0;
      const box = { x, y: rowBox.y, width: (grid.x.edges[nextColumn] ?? x) - x, height };
      const fill = cell === -1 ? undefined : cellFill(grid, cell, colors, theme);
      if (run && whole && fill === run.fill) run.box.width += box.width;
      else {
        if (run) add(run.fill, run.box);
        run = fill === undefined ? undefined : { fill, box };
      }
    }
    if (run) add(run.fill, run.box);
  }
  const fills = [...paths].map(([fill, d]) => svg("path", { d, fill }));
  const marks = Array.from({ length: whole ? 0 : grid.count }, (_, cell) => grid.cell(cell)).flatMap(
    ({ state, rect }) => cellMarks(state, cellBox(rect), theme).map(markNode),
  );
  return [...fills, ...marks];
}

/** A little more than the box, so that no seam shows where two meet between pixels. */
const overlapping = ({ x, y, width, height }: Rect): Rect => ({ x, y, width: width + 0.3, height: height + 0.3 });

/** First indices of `count` cells, each with the next one's, without those that would be thinner than 1.5 pixels. */
function sampled(count: number, pixels: number): [number, number][] {
  const kept = Math.min(count, Math.max(1, Math.floor(pixels / 1.5)));
  const first = (index: number) => Math.floor((index * count) / kept);
  return Array.from({ length: kept }, (_, index) => [first(index), first(index + 1)]);
}

const rectPath = ({ x, y, width, height }: Rect): string =>
  `M${px(x)} ${px(y)}h${px(width)}v${px(height)}h${px(-width)}z`;
