import type { MemberState, PhaseDiagramView } from "../src/protocol.js";
import {
  type PanelOptions,
  bottomAxis,
  colorBar,
  colorBarWidth,
  leftAxis,
  panelTitle,
  plotArea,
  px,
  text,
} from "./axes.js";
import type { FigureModel } from "./figure-model.js";
import { withUnit } from "./format.js";
import type { ColorAxis } from "./palette.js";
import { type PhaseCell, type PhaseGrid, gridAxis, phaseGrid } from "./phase-grid.js";
import { type Rect, type SvgNode, svg, textWidth } from "./svg-node.js";
import { FONT, type Theme } from "./theme.js";

/** A laid-out phase diagram. */
export interface PhaseDiagramPanel {
  type: "phase-diagram";
  plot: Rect;
  /** Title, axes and legends. */
  frame: SvgNode;
  grid: PhaseGrid;
  colors: ColorAxis;
}

/** Pixels between cells and axes. */
const AXIS_GAP = 5;

export function phaseDiagramPanel(
  model: FigureModel,
  view: PhaseDiagramView,
  options: PanelOptions,
): PhaseDiagramPanel {
  const { width, height, theme } = options;
  const colors = model.columnColors(view.color, view.colorScale);
  // Labels decide how much room the plot has, and do not depend on it but in number: a first layout gives their width.
  const labels = gridAxis(model.column(view.y), model.values(view.y), [height - 80, 0], 16).ticks.map(
    (tick) => tick.label,
  );
  const right = colors.categories ? 18 : colorBarWidth(colors);
  const plot = plotArea(width, height, labels, right);
  const grid = phaseGrid(model, view, plot);
  const legend = [...categoryEntries(colors), ...stateEntries(grid, theme)];
  const x = model.column(view.x);
  const y = model.column(view.y);
  const title = view.title ?? `${colors.label[0]?.toUpperCase() ?? ""}${colors.label.slice(1)}`;
  const frame = svg(
    "g",
    {},
    panelTitle(options.letter, title, theme),
    bottomAxis({ label: withUnit(x.label, x.unit), ticks: grid.x.ticks }, plot, theme, AXIS_GAP),
    leftAxis({ label: withUnit(y.label, y.unit), ticks: grid.y.ticks }, plot, theme, AXIS_GAP),
    colors.categories ? undefined : colorBar(colors, plot, theme),
    legendRow(legend, width - (colors.categories ? 14 : 8), theme),
  );
  return { type: "phase-diagram", plot, frame, grid, colors };
}

/** A stroke or a filled shape on a cell; `path` is SVG path data, which canvas's Path2D reads too. */
export interface CellMark {
  path: string;
  fill?: string;
  stroke?: string;
  width?: number;
}

/** Below this size in pixels a cell has no gap to its neighbours and no glyph. */
const SMALL_CELL = 7;

/** The visible part of a cell: neighbours are separated by a hairline when there is room. */
export function cellBox({ x, y, width, height }: Rect): Rect {
  const gap = Math.min(width, height) < SMALL_CELL ? 0 : 1;
  return { x: x + gap / 2, y: y + gap / 2, width: width - gap, height: height - gap };
}

/** Fill of a cell: its value's colour, and without a value a colour for its state. */
export function cellFill(cell: Pick<PhaseCell, "state" | "value">, colors: ColorAxis, theme: Theme): string {
  const color = cell.state === "diverged" || cell.state === "failed" ? undefined : colors.color(cell.value);
  return color ?? theme.empty;
}

/**
 * Marks of a cell's state, told apart by shape and not by colour alone: a cross for diverged, a bar for failed,
 * a dot while running, a small bar for stopped before its end.
 */
export function cellMarks(state: MemberState, box: Rect, theme: Theme): CellMark[] {
  const { x, y, width, height } = box;
  const size = Math.min(width, height);
  if (size < SMALL_CELL - 1) return state === "diverged" ? [{ path: rectPath(box), fill: theme.warning }] : [];
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

const rectPath = ({ x, y, width, height }: Rect): string =>
  `M${px(x)} ${px(y)}h${px(width)}v${px(height)}h${px(-width)}z`;

/** Two diagonal strokes. */
export const crossPath = (x: number, y: number, arm: number): string =>
  `M${px(x - arm)} ${px(y - arm)}l${px(2 * arm)} ${px(2 * arm)}M${px(x - arm)} ${px(y + arm)}l${px(2 * arm)} ${px(-2 * arm)}`;

const dotPath = (x: number, y: number, radius: number): string =>
  `M${px(x - radius)} ${px(y)}a${px(radius)} ${px(radius)} 0 1 0 ${px(2 * radius)} 0a${px(radius)} ${px(radius)} 0 1 0 ${px(-2 * radius)} 0z`;

interface LegendEntry {
  label: string;
  fill: string;
  state: MemberState;
}

function categoryEntries(colors: ColorAxis): LegendEntry[] {
  return (colors.categories ?? []).map((label, index) => ({
    label,
    fill: colors.colors[index] ?? "",
    state: "finished",
  }));
}

/** States that need explaining, if any cell has them. */
function stateEntries(grid: PhaseGrid, theme: Theme): LegendEntry[] {
  const present = new Set(grid.cells.map((cell) => cell.state));
  const states: MemberState[] = ["diverged", "failed", "stopped", "running"];
  const fill = (state: MemberState) => (state === "stopped" || state === "running" ? theme.neutral : theme.empty);
  return states.filter((state) => present.has(state)).map((state) => ({ label: state, fill: fill(state), state }));
}

/** Swatches with names, right-aligned on the title's line. */
function legendRow(entries: readonly LegendEntry[], right: number, theme: Theme): SvgNode {
  const nodes: SvgNode[] = [];
  let x = right;
  for (const { label, fill, state } of [...entries].reverse()) {
    x -= textWidth(label, FONT.tick);
    nodes.push(text(label, x, 17, theme.muted, FONT.tick));
    const box = { x: x - 15, y: 7.5, width: 11, height: 11 };
    nodes.push(svg("rect", { ...box, fill }), ...cellMarks(state, box, theme).map(markNode));
    x -= 25;
  }
  return svg("g", {}, ...nodes);
}

const markNode = ({ path, fill = "none", stroke, width }: CellMark): SvgNode =>
  svg("path", { d: path, fill, stroke, "stroke-width": width });

/** All cells as nodes of a static picture. */
export function phaseDiagramMarks({ grid, colors }: PhaseDiagramPanel, theme: Theme): SvgNode {
  const nodes = grid.cells.flatMap((cell) => {
    const box = cellBox(cell.rect);
    return [
      svg("rect", { ...box, fill: cellFill(cell, colors, theme) }),
      ...cellMarks(cell.state, box, theme).map(markNode),
    ];
  });
  return svg("g", {}, ...nodes);
}
