import { MEMBER_STATES, type MemberState } from "../../src/protocol.js";
import { formatNumber, plural } from "../format.js";
import {
  type CellMark,
  type PhaseDiagramPanel,
  SMALL_CELL,
  boundaryLines,
  cellBox,
  cellFill,
  cellMarks,
  chosenPath,
} from "../phase-diagram.js";
import type { ColorAxis } from "../palette.js";
import type { PhaseCell, PhaseGrid } from "../phase-grid.js";
import { type SvgNode, svg } from "../svg-node.js";
import type { Theme } from "../theme.js";
import type { MoveKey, Painter } from "./painter.js";
import { pixelOf } from "./pixels.js";

const DIVERGED = MEMBER_STATES.indexOf("diverged");
const FAILED = MEMBER_STATES.indexOf("failed");

export const phaseDiagramPainter: Painter<PhaseDiagramPanel> = {
  role: "phase diagram",
  drag: "rectangle",

  paint(context, panel, _chosen, theme) {
    for (const grid of panel.grids) {
      paintCells(context, grid, panel, theme);
      if (grid.cellSize >= SMALL_CELL) paintMarks(context, grid, theme);
    }
  },

  overlay({ grids, boundaries }, { members }, hovered, theme) {
    const rings = grids.map((grid) => chosenPath(grid, members)).join("");
    const cursor = hovered === undefined ? "" : grids.map((grid) => chosenPath(grid, [hovered])).join("");
    return [
      ...boundaryLines(boundaries, theme),
      ...outline(rings, theme.surface, 4.5),
      ...outline(rings, theme.text, 2),
      ...outline(cursor, theme.surface, 3),
      ...outline(cursor, theme.accent, 2),
    ];
  },

  hit({ grids, colors }, _model, x, y) {
    const cell = grids.map((grid) => grid.hit(x, y)).find((found) => found !== undefined);
    const member = cell?.members.at(-1);
    if (!cell || member === undefined) return undefined;
    const { members, value } = cell;
    const text = colors.categories?.[value] ?? formatNumber(value);
    const summary = { label: `${colors.label}, ${plural(members.length, "member")}`, value: text };
    return { choice: { members }, member, ...(members.length > 1 && { extra: [summary] }) };
  },

  /** Every cell that the rectangle touches. */
  inside({ grids }, { bounds }) {
    const members = grids.flatMap((grid) => {
      const overlaps = (low: number, high: number, from: number, size: number) => low < from + size && high > from;
      return placesWhere(grid, (column, row) => {
        const { x, y, width, height } = grid.rect(column, row);
        return overlaps(x, x + width, bounds.x, bounds.width) && overlaps(y, y + height, bounds.y, bounds.height);
      });
    });
    return { members };
  },

  /** The rectangle of cells between two of one facet. */
  between({ grids }, from, to) {
    const grid = grids.find((candidate) => candidate.of(from) && candidate.of(to));
    const [a, b] = [grid?.of(from), grid?.of(to)];
    if (!grid || !a || !b) return [to];
    const inSpan = (value: number, p: number, q: number) => value >= Math.min(p, q) && value <= Math.max(p, q);
    const members = placesWhere(grid, (column, row) => inSpan(column, a.column, b.column) && inSpan(row, a.row, b.row));
    return [...members.filter((member) => !b.members.includes(member)), ...b.members];
  },

  neighbour({ grids }, _model, member, key) {
    const index = grids.findIndex((candidate) => candidate.of(member));
    const grid = grids[index];
    const cell = grid?.of(member);
    if (!grid || !cell) return grids[0]?.members(0).at(-1);
    return (nextCell(grid, cell, key) ?? besideFacet(grids, index, cell, key))?.members.at(-1);
  },

  anchor({ grids }, member) {
    const rect = grids.map((grid) => grid.of(member)?.rect).find((found) => found !== undefined);
    return rect && { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 };
  },
};

/** Members of all cells at places of the grid for which `test` holds. */
function placesWhere(grid: PhaseGrid, test: (column: number, row: number) => boolean): number[] {
  const cells = new Set<number>();
  grid.x.values.forEach((_, column) =>
    grid.y.values.forEach((__, row) => {
      const cell = grid.shown(column, row);
      if (cell !== -1 && test(column, row)) cells.add(cell);
    }),
  );
  return [...cells].flatMap((cell) => grid.members(cell));
}

/**
 * All cells at once, pixel by pixel: one image costs less than the thousands of rectangles of a large grid, and as much
 * for any number of cells.
 */
function paintCells(
  context: CanvasRenderingContext2D,
  grid: PhaseGrid,
  { colors }: PhaseDiagramPanel,
  theme: Theme,
): void {
  const ratio = context.getTransform().a;
  const left = Math.round(grid.plot.x * ratio);
  const top = Math.round(grid.plot.y * ratio);
  const width = Math.round((grid.plot.x + grid.plot.width) * ratio) - left;
  const height = Math.round((grid.plot.y + grid.plot.height) * ratio) - top;
  if (width < 1 || height < 1) return;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const fills = cellPixels(grid, colors, theme);
  const irregular = grid.facet.shownAt !== grid.facet.cellAt;
  const gap = grid.cellSize < SMALL_CELL || irregular ? 0 : Math.max(1, Math.round(ratio));
  const columns = indices(grid.x.edges, left, width, ratio, gap);
  const rows = indices(grid.y.edges, top, height, ratio, gap);
  for (let py = 0; py < height; py++) {
    const row = rows[py] ?? -1;
    const start = py * width;
    if (py > 0 && row === rows[py - 1]) pixels.copyWithin(start, start - width, start);
    else if (row !== -1) paintRow(pixels.subarray(start, start + width), grid, row, columns, fills);
  }
  context.putImageData(image, left, top);
}

/** The colour of every cell as a pixel. */
function cellPixels(grid: PhaseGrid, colors: ColorAxis, theme: Theme): Uint32Array {
  const table = Uint32Array.from(colors.colors, pixelOf);
  const fills = new Uint32Array(grid.count);
  for (let cell = 0; cell < fills.length; cell++) {
    const state = grid.states[cell];
    const level = state === DIVERGED || state === FAILED ? -1 : colors.level(grid.values[cell] ?? NaN);
    fills[cell] = table[level] ?? pixelOf(cellFill(grid, cell, colors, theme));
  }
  return fills;
}

/** One line of pixels through a row of cells. */
function paintRow(
  line: Uint32Array,
  { facet, y }: PhaseGrid,
  row: number,
  columns: Int32Array,
  fills: Uint32Array,
): void {
  const rowCount = y.values.length;
  for (let px = 0; px < line.length; px++) {
    const column = columns[px] ?? -1;
    const cell = column === -1 ? -1 : (facet.shownAt[column * rowCount + row] ?? -1);
    if (cell !== -1) line[px] = fills[cell] ?? 0;
  }
}

/** For every pixel the interval of edges that it lies in, −1 in the gaps between. */
function indices(edges: readonly number[], start: number, count: number, ratio: number, gap: number): Int32Array {
  const found = new Int32Array(count).fill(-1);
  for (let index = 0; index + 1 < edges.length; index++) {
    const [a = 0, b = 0] = edges.slice(index, index + 2).map((edge) => Math.round(edge * ratio) - start);
    found.fill(index, Math.min(a, b) + (gap >> 1), Math.max(a, b) - (gap - (gap >> 1)));
  }
  return found;
}

/** Marks of states, all of one state in one stroke. */
function paintMarks(context: CanvasRenderingContext2D, grid: PhaseGrid, theme: Theme): void {
  const byState = new Map<MemberState, CellMark>();
  for (let index = 0; index < grid.count; index++) {
    const state = MEMBER_STATES[grid.states[index] ?? 0] ?? "waiting";
    if (state === "finished" || state === "waiting") continue;
    for (const mark of cellMarks(state, cellBox(grid.cell(index).rect), theme)) {
      const before = byState.get(state);
      byState.set(state, before ? { ...before, path: before.path + mark.path } : mark);
    }
  }
  for (const mark of byState.values()) paintMark(context, mark);
}

function paintMark(context: CanvasRenderingContext2D, { path, fill, stroke, width = 1 }: CellMark): void {
  const shape = new Path2D(path);
  if (fill) {
    context.fillStyle = fill;
    context.fill(shape);
  }
  if (!stroke) return;
  context.strokeStyle = stroke;
  context.lineWidth = width;
  context.stroke(shape);
}

const STEPS: Partial<Record<MoveKey, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** The next cell in the key's direction; for Home and End, the first or last of the row. */
function nextCell(grid: PhaseGrid, from: PhaseCell, key: MoveKey): PhaseCell | undefined {
  const columns = grid.x.values.length;
  const start = key === "Home" ? -1 : key === "End" ? columns : from.column;
  const [dx, dy] = STEPS[key] ?? [key === "Home" ? 1 : -1, 0];
  for (let n = 1; n <= Math.max(columns, grid.y.values.length); n++) {
    const cell = grid.shown(start + n * dx, from.row + n * dy);
    if (cell !== -1 && (cell !== from.index || start !== from.column)) return grid.cell(cell);
  }
  return undefined;
}

/** The cell at the same place of the next facet in the key's direction. */
function besideFacet(grids: readonly PhaseGrid[], index: number, from: PhaseCell, key: MoveKey): PhaseCell | undefined {
  const step = key === "ArrowLeft" ? -1 : key === "ArrowRight" ? 1 : 0;
  const grid = step === 0 ? undefined : grids[index + step];
  if (!grid) return undefined;
  const cell = grid.shown(step > 0 ? 0 : grid.x.values.length - 1, from.row);
  return cell === -1 ? undefined : grid.cell(cell);
}

const outline = (d: string, stroke: string, width: number): SvgNode[] =>
  d === "" ? [] : [svg("path", { d, fill: "none", stroke, "stroke-width": width, "stroke-linecap": "square" })];
