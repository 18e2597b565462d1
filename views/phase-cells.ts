import type { PhaseDiagramView } from "../src/protocol.js";
import type { FigureModel } from "./figure-model.js";
import { distinctValues } from "./phase-axis.js";

/**
 * Which members share which place of a phase diagram's grid. It depends on hyperparameters and slices alone, so a live
 * figure computes it once. A place is `column · rows + row`, a cell a place with members.
 */
export interface PhaseCells {
  /** Distinct values along the axes, ascending. */
  x: number[];
  y: number[];
  /** One for each value of the facet; a single one, without a value, when the diagram has no facet. */
  facets: Facet[];
  /** Values of the facet for which there was no room. */
  omitted: number;
}

export interface Facet {
  value: number | undefined;
  /** Number of cells. */
  count: number;
  /** Place of every cell. */
  places: Int32Array;
  /** Members of cell c are `members[starts[c]]` to `members[starts[c + 1] - 1]`. */
  starts: Int32Array;
  members: Int32Array;
  /** Cell at every place, −1 where there is none. */
  cellAt: Int32Array;
  /** Cell shown at every place: that at the place, or the nearest one where gaps are filled; else −1. */
  shownAt: Int32Array;
  /** Cell of every member of the figure, −1 for those that lie elsewhere. */
  cellOf: Int32Array;
}

/** From this share of occupied places on, empty ones are gaps in a grid; with fewer the set is no grid. */
const GRID_FROM = 0.75;

/** Small diagrams beside each other at most. */
const MAX_FACETS = 36;

/** Sorts the members into the cells of a phase diagram. */
export function phaseCells(model: FigureModel, view: PhaseDiagramView): PhaseCells {
  const { x, y, facet, slices = [], gaps } = view;
  const names = [x, y, ...(facet === undefined ? [] : [facet]), ...slices.map(({ column }) => column)];
  const key = `cells ${JSON.stringify([x, y, facet, slices, gaps])}`;
  const reads = names.map((name) => model.column(name).array);
  return model.memo(key, reads, () => gather(model, view));
}

/** Whether places without a member show the nearest cell. */
const fillsGaps = (model: FigureModel, { x, y, gaps }: PhaseDiagramView, occupied: number): boolean => {
  if (gaps !== undefined) return gaps === "nearest";
  const categorical = [x, y].some((name) => model.column(name).scale === "category");
  return !categorical && occupied < GRID_FROM;
};

function gather(model: FigureModel, view: PhaseDiagramView): PhaseCells {
  const sliced = inSlices(model, view);
  const xs = model.values(view.x);
  const ys = model.values(view.y);
  const whole = (view.slices ?? []).length === 0;
  const [x, y] = [xs, ys].map((all) => distinctValues(whole ? all : all.filter((_, member) => sliced[member]))) as [
    number[],
    number[],
  ];
  const columns = new Map(x.map((value, index) => [value, index]));
  const rows = new Map(y.map((value, index) => [value, index]));
  const placeOf = new Int32Array(model.members).fill(-1);
  for (let member = 0; member < placeOf.length; member++) {
    const column = columns.get(xs[member] ?? NaN);
    const row = rows.get(ys[member] ?? NaN);
    if (sliced[member] && column !== undefined && row !== undefined) placeOf[member] = column * y.length + row;
  }
  const values = view.facet === undefined ? undefined : model.values(view.facet);
  const distinct = values ? distinctValues(values) : [undefined];
  const facets = distinct.slice(0, MAX_FACETS).map((value) => {
    const places = values ? placeOf.map((place, member) => (values[member] === value ? place : -1)) : placeOf;
    return toFacet(places, x.length * y.length, value);
  });
  for (const facet of facets) {
    if (fillsGaps(model, view, facet.count / (x.length * y.length))) facet.shownAt = nearest(facet.cellAt, x, y);
  }
  return { x, y, facets, omitted: distinct.length - facets.length };
}

/** Which members have the values at which the sliders stand. */
function inSlices(model: FigureModel, { slices = [] }: PhaseDiagramView): Uint8Array {
  const inside = new Uint8Array(model.members).fill(1);
  for (const { column, index } of slices) {
    const values = model.values(column);
    const value = distinctValues(values).at(index);
    for (let member = 0; member < inside.length; member++) if (values[member] !== value) inside[member] = 0;
  }
  return inside;
}

function toFacet(placeOf: Int32Array, placeCount: number, value: number | undefined): Facet {
  const cellAt = new Int32Array(placeCount).fill(-1);
  const sizes: number[] = [];
  const places: number[] = [];
  const cellOf = new Int32Array(placeOf.length).fill(-1);
  for (let member = 0; member < placeOf.length; member++) {
    const place = placeOf[member] ?? -1;
    if (place === -1) continue;
    let cell = cellAt[place] ?? -1;
    if (cell === -1) {
      cellAt[place] = cell = places.length;
      places.push(place);
      sizes.push(0);
    }
    sizes[cell] = (sizes[cell] ?? 0) + 1;
    cellOf[member] = cell;
  }
  const starts = new Int32Array(places.length + 1);
  sizes.forEach((size, cell) => (starts[cell + 1] = (starts[cell] ?? 0) + size));
  const next = starts.slice();
  const members = new Int32Array(starts.at(-1) ?? 0);
  for (let member = 0; member < cellOf.length; member++) {
    const cell = cellOf[member] ?? -1;
    if (cell === -1) continue;
    const at = next[cell] ?? 0;
    members[at] = member;
    next[cell] = at + 1;
  }
  return {
    value,
    count: places.length,
    places: Int32Array.from(places),
    starts,
    members,
    cellAt,
    shownAt: cellAt,
    cellOf,
  };
}

/** The nearest cell for every place, with distances as fractions of the axes, on which values stand at equal steps of rank. */
function nearest(cellAt: Int32Array, x: readonly number[], y: readonly number[]): Int32Array {
  const rows = y.length;
  const columns = x.length;
  const shown = new Int32Array(cellAt.length);
  // In each row the nearest cell to the left or right of every column; then the best of these over all rows.
  const beside = new Int32Array(cellAt.length).fill(-1);
  for (let row = 0; row < rows; row++) {
    const occupied = x.flatMap((_, column) => (cellAt[column * rows + row] === -1 ? [] : [column]));
    let index = 0;
    for (let column = 0; column < columns && occupied.length > 0; column++) {
      const distance = (candidate: number | undefined) => Math.abs((candidate ?? Infinity) - column);
      while (distance(occupied[index + 1]) < distance(occupied[index])) index += 1;
      beside[column * rows + row] = occupied[index] ?? -1;
    }
  }
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      let best = -1;
      let least = Infinity;
      for (let other = 0; other < rows; other++) {
        const from = beside[column * rows + other] ?? -1;
        if (from === -1) continue;
        const distance = ((from - column) / columns) ** 2 + ((other - row) / rows) ** 2;
        if (distance < least) [least, best] = [distance, from * rows + other];
      }
      shown[column * rows + row] = best === -1 ? -1 : (cellAt[best] ?? -1);
    }
  }
  return shown;
}
