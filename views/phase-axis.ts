import type { Column } from "../src/protocol.js";
import { formatNumber } from "./format.js";
import { type Tick, axisScale, isRound } from "./scales.js";
import { fitText } from "./text-fit.js";
import { FONT } from "./theme.js";

/** Values along one side of the grid, and where they are drawn. */
export interface GridAxis {
  column: Column;
  /** Distinct values in ascending order. */
  values: number[];
  /** Pixels of the cell borders: one more than there are values. */
  edges: number[];
  ticks: Tick[];
}

/** Distinct finite values in ascending order. */
export function distinctValues(values: ArrayLike<number>): number[] {
  const distinct = new Set<number>();
  let last = NaN;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value !== last && Number.isFinite(value)) distinct.add(value);
    last = value;
  }
  return [...distinct].sort((a, b) => a - b);
}

/**
 * Borders half-way between neighbouring values on the column's scale.
 * @param distinct values in ascending order
 * @param spacing pixels between labels at least
 * @param toScale keeps to the scale however uneven the values are; else cells that would be too thin become equally wide
 * @param nameRoom pixels that the name of a category may take; as much as lies between labels when left out
 */
export function gridAxis(
  column: Column,
  distinct: number[],
  range: [number, number],
  { spacing, toScale = false, nameRoom }: { spacing: number; toScale?: boolean; nameRoom?: number },
): GridAxis {
  const kind = column.scale === "log" ? "log" : "linear";
  const warp = kind === "log" ? Math.log : (value: number) => value;
  const centres = distinct.map(warp);
  if (column.scale === "category" || !(toScale ? centres.every(Number.isFinite) : evenEnough(centres)))
    return uniformAxis(column, distinct, range, { spacing, nameRoom });
  const borders = bordersAround(centres);
  const unwarp = kind === "log" ? Math.exp : (value: number) => value;
  const domain: [number, number] = [unwarp(borders[0] ?? 0), unwarp(borders.at(-1) ?? 1)];
  const scale = axisScale({ kind, domain, range, spacing });
  const edges = borders.map((border) => scale.toPixel(unwarp(border)));
  // Round values that all find room are their own ticks; a logarithmic axis keeps its powers of ten where it has several.
  const room = distinct.length * spacing <= Math.abs(range[1] - range[0]) && distinct.every(isRound);
  const own = (kind === "linear" && room && !toScale) || scale.ticks.filter((tick) => tick.label).length < 2;
  return {
    column,
    values: distinct,
    edges,
    ticks: own ? ownTicks(column, distinct, edges, { spacing, nameRoom }) : scale.ticks,
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

/** How labels find room along an axis, as {@link gridAxis} takes it. */
interface Labelling {
  spacing: number;
  nameRoom: number | undefined;
}

/** Cells of equal width, in the order of the values. */
function uniformAxis(column: Column, values: number[], range: [number, number], labelling: Labelling): GridAxis {
  const width = (range[1] - range[0]) / Math.max(1, values.length);
  const edges = Array.from({ length: values.length + 1 }, (_, index) => range[0] + index * width);
  return { column, values, edges, ticks: ownTicks(column, values, edges, labelling) };
}

/** A tick at the middle of every cell, labelled as often as there is room. */
function ownTicks(
  { categories }: Column,
  values: readonly number[],
  edges: readonly number[],
  { spacing, nameRoom }: Labelling,
): Tick[] {
  const length = Math.abs((edges.at(-1) ?? 0) - (edges[0] ?? 0));
  const stride = Math.ceil(values.length / Math.max(1, Math.floor(length / spacing)));
  const room = nameRoom ?? (length * stride) / values.length - NAME_GAP;
  const label = (value: number): string => {
    const name = categories?.[value];
    return name === undefined ? formatNumber(value) : fitText(name, FONT.tick, room);
  };
  return values.map((value, index) => ({
    value,
    position: ((edges[index] ?? 0) + (edges[index + 1] ?? 0)) / 2,
    label: index % stride === 0 ? label(value) : "",
  }));
}

/** Pixels between the names of neighbouring categories. */
const NAME_GAP = 7;

/** Index of the interval that holds `pixel`; −1 outside. Edges ascend or descend. */
export function interval(edges: readonly number[], pixel: number): number {
  const sign = (edges[0] ?? 0) <= (edges.at(-1) ?? 0) ? 1 : -1;
  let low = 0;
  let high = edges.length - 1;
  const before = (index: number) => sign * pixel < sign * (edges[index] ?? Infinity);
  if (high < 1 || before(0) || !before(high)) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (before(middle)) high = middle;
    else low = middle;
  }
  return low;
}
