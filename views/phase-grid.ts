import type { Column, MemberState, PhaseDiagramView } from "../src/protocol.js";
import type { FigureModel } from "./figure-model.js";
import { formatNumber } from "./format.js";
import { type Tick, axisScale } from "./scales.js";
import type { Rect } from "./svg-node.js";

/** One cell of a phase diagram, with the members that share its two hyperparameters. */
export interface PhaseCell {
  /** Position in the grid, from the left and from the bottom. */
  column: number;
  row: number;
  members: number[];
  /** What the cell shows: the median over its members that have a value; NaN without any. */
  value: number;
  /** State of the cell: the one that most asks for attention among its members. */
  state: MemberState;
  rect: Rect;
}

/** Values along one side of the grid, and where they are drawn. */
export interface GridAxis {
  column: Column;
  /** Distinct values in ascending order. */
  values: number[];
  /** Pixels of the cell borders: one more than there are values. */
  edges: number[];
  ticks: Tick[];
}

export interface PhaseGrid {
  x: GridAxis;
  y: GridAxis;
  cells: PhaseCell[];
  /** The cell at this place of the grid, if the ensemble has members there. */
  at: (column: number, row: number) => PhaseCell | undefined;
  /** The cell that holds this member. */
  of: (member: number) => PhaseCell | undefined;
  /** The cell under a point of the plot. */
  hit: (x: number, y: number) => PhaseCell | undefined;
}

/** Lays the members of a model out on the grid of a phase diagram that fills `plot`. */
export function phaseGrid(model: FigureModel, view: PhaseDiagramView, plot: Rect): PhaseGrid {
  const x = gridAxis(model.column(view.x), model.values(view.x), [plot.x, plot.x + plot.width], 34);
  const y = gridAxis(model.column(view.y), model.values(view.y), [plot.y + plot.height, plot.y], 16);
  const cells = gatherCells(model, view, x, y);
  const byPlace = new Map(cells.map((cell) => [cell.column * y.values.length + cell.row, cell]));
  const byMember = new Map(cells.flatMap((cell) => cell.members.map((member) => [member, cell] as const)));
  const at = (column: number, row: number) =>
    row < 0 || row >= y.values.length ? undefined : byPlace.get(column * y.values.length + row);
  return {
    x,
    y,
    cells,
    at,
    of: (member) => byMember.get(member),
    hit: (px, py) => at(interval(x.edges, px), interval(y.edges, py)),
  };
}

/** Index of the interval that holds `pixel`; −1 outside. Edges ascend or descend. */
function interval(edges: readonly number[], pixel: number): number {
  const sign = (edges[0] ?? 0) <= (edges.at(-1) ?? 0) ? 1 : -1;
  return edges.findIndex((edge, index) => {
    const next = edges[index + 1];
    return next !== undefined && sign * pixel >= sign * edge && sign * pixel < sign * next;
  });
}

/** Distinct values of a hyperparameter, with borders half-way between neighbours on its scale. */
export function gridAxis(
  column: Column,
  values: ArrayLike<number>,
  range: [number, number],
  spacing: number,
): GridAxis {
  const distinct = [...new Set(Array.from(values))].filter(Number.isFinite).sort((a, b) => a - b);
  const kind = column.scale === "log" ? "log" : "linear";
  const warp = kind === "log" ? Math.log : (value: number) => value;
  const centres = distinct.map(warp);
  if (column.scale === "category" || !evenEnough(centres)) return uniformAxis(column, distinct, range, spacing);
  const borders = bordersAround(centres);
  const unwarp = kind === "log" ? Math.exp : (value: number) => value;
  const domain: [number, number] = [unwarp(borders[0] ?? 0), unwarp(borders.at(-1) ?? 1)];
  const scale = axisScale({ kind, domain, range, spacing });
  const edges = borders.map((border) => scale.toPixel(unwarp(border)));
  // Few values are their own ticks; a logarithmic axis keeps its powers of ten where it has several.
  const own = kind === "linear" || scale.ticks.filter((tick) => tick.label).length < 2;
  return {
    column,
    values: distinct,
    edges,
    ticks: own ? ownTicks(column, distinct, edges, range, spacing) : scale.ticks,
  };
}

/** Whether cells drawn to scale would all be wide enough to see and hit. */
function evenEnough(centres: readonly number[]): boolean {
  if (!centres.every(Number.isFinite)) return false;
  const gaps = centres.slice(1).map((centre, index) => centre - (centres[index] ?? 0));
  return gaps.length === 0 || Math.max(...gaps) <= 3 * Math.min(...gaps);
}

function bordersAround(centres: readonly number[]): number[] {
  const between = centres.slice(1).map((centre, index) => (centre + (centres[index] ?? centre)) / 2);
  const first = centres[0] ?? 0;
  const last = centres.at(-1) ?? 0;
  const lowest = between.length ? 2 * first - (between[0] ?? 0) : first - 0.5;
  const highest = between.length ? 2 * last - (between.at(-1) ?? 0) : last + 0.5;
  return [lowest, ...between, highest];
}

/** Cells of equal width, in the order of the values. */
function uniformAxis(column: Column, values: number[], range: [number, number], spacing: number): GridAxis {
  const width = (range[1] - range[0]) / Math.max(1, values.length);
  const edges = Array.from({ length: values.length + 1 }, (_, index) => range[0] + index * width);
  return { column, values, edges, ticks: ownTicks(column, values, edges, range, spacing) };
}

/** A tick at the middle of every cell, labelled as often as there is room. */
function ownTicks(column: Column, values: number[], edges: number[], range: [number, number], spacing: number): Tick[] {
  const room = Math.max(1, Math.floor(Math.abs(range[1] - range[0]) / spacing));
  const stride = Math.ceil(values.length / room);
  return values.map((value, index) => ({
    value,
    position: ((edges[index] ?? 0) + (edges[index + 1] ?? 0)) / 2,
    label: index % stride === 0 ? (column.categories?.[value] ?? formatNumber(value)) : "",
  }));
}

function gatherCells(model: FigureModel, view: PhaseDiagramView, x: GridAxis, y: GridAxis): PhaseCell[] {
  const columns = new Map(x.values.map((value, index) => [value, index]));
  const rows = new Map(y.values.map((value, index) => [value, index]));
  const xs = model.values(view.x);
  const ys = model.values(view.y);
  const places = new Map<number, number[]>();
  for (let member = 0; member < model.members; member++) {
    const column = columns.get(xs[member] ?? NaN);
    const row = rows.get(ys[member] ?? NaN);
    if (column === undefined || row === undefined) continue;
    const place = column * y.values.length + row;
    const members = places.get(place);
    if (members) members.push(member);
    else places.set(place, [member]);
  }
  const colours = model.values(view.color);
  const categorical = model.column(view.color).categories !== undefined;
  return [...places].map(([place, members]) => {
    const column = Math.floor(place / y.values.length);
    const row = place % y.values.length;
    const state = cellState(members.map((member) => model.state(member)));
    const sound = members
      .filter((member) => model.state(member) !== "diverged")
      .map((member) => colours[member] ?? NaN);
    return { column, row, members, state, value: middle(sound, categorical), rect: cellRect(x, y, column, row) };
  });
}

const ATTENTION: readonly MemberState[] = ["running", "waiting", "finished", "stopped", "failed", "diverged"];

/** Running as long as any member runs; diverged or failed only when all members are, since the others have a value. */
function cellState(states: readonly MemberState[]): MemberState {
  return ATTENTION.find((state) => states.includes(state)) ?? "waiting";
}

/** Median of the finite values; for categories the lower median, which is a category again. */
function middle(values: readonly number[], categorical: boolean): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? NaN;
  return categorical ? lower : (lower + upper) / 2;
}

function cellRect(x: GridAxis, y: GridAxis, column: number, row: number): Rect {
  const left = x.edges[column] ?? 0;
  const right = x.edges[column + 1] ?? left;
  const bottom = y.edges[row] ?? 0;
  const top = y.edges[row + 1] ?? bottom;
  return { x: left, y: top, width: right - left, height: bottom - top };
}
