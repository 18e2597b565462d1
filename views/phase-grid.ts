import { MEMBER_STATES, type MemberState, type PhaseDiagramView } from "../src/protocol.js";
import { reducer } from "./aggregate.js";
import { px } from "./axes.js";
import type { FigureModel } from "./figure-model.js";
import { type GridAxis, interval } from "./phase-axis.js";
import type { Facet } from "./phase-cells.js";
import type { Rect } from "./svg-node.js";

/** One cell of a phase diagram, with the members that share its two hyperparameters. */
export interface PhaseCell {
  index: number;
  /** Position in the grid, from the left and from the bottom. */
  column: number;
  row: number;
  members: number[];
  /** What the cell shows: its members summed up; NaN when none has a value. */
  value: number;
  /** State of the cell: the one that most asks for attention among its members. */
  state: MemberState;
  rect: Rect;
}

const NO_STATE = MEMBER_STATES.length;
const DIVERGED = MEMBER_STATES.indexOf("diverged");
const ATTENTION: readonly MemberState[] = ["diverged", "failed", "stopped", "finished", "waiting", "running"];
/** Running as long as any member runs; diverged or failed only when all members are, since the others have a value. */
const RANK = MEMBER_STATES.map((state) => ATTENTION.indexOf(state));

/** What the cells of a facet show, wherever they are drawn. */
export interface CellContents {
  values: Float64Array;
  /** As indices into `MEMBER_STATES`. */
  states: Uint8Array;
}

export const NO_CONTENT: CellContents = { values: new Float64Array(), states: new Uint8Array() };

/** The cells of a phase diagram, or of one facet, laid out in a plot. */
export class PhaseGrid {
  /** What every cell shows. */
  readonly values: Float64Array;
  /** State of every cell, as an index into `MEMBER_STATES`. */
  readonly states: Uint8Array;

  constructor(
    readonly facet: Facet,
    readonly x: GridAxis,
    readonly y: GridAxis,
    readonly plot: Rect,
    { values, states }: CellContents,
  ) {
    this.values = values;
    this.states = states;
  }

  get count(): number {
    return this.facet.count;
  }

  cell(index: number): PhaseCell {
    const place = this.facet.places[index] ?? 0;
    const rows = this.y.values.length;
    const [column, row] = [Math.floor(place / rows), place % rows];
    const value = this.values[index] ?? NaN;
    const state = MEMBER_STATES[this.states[index] ?? 0] ?? "waiting";
    return { index, column, row, members: this.members(index), value, state, rect: this.rect(column, row) };
  }

  /** Members of a cell. */
  members(index: number): number[] {
    const { starts, members } = this.facet;
    return [...members.subarray(starts[index], starts[index + 1])];
  }

  /** Index of the cell shown at a place of the grid; −1 if there is none. */
  shown(column: number, row: number): number {
    const rows = this.y.values.length;
    if (row < 0 || row >= rows || column < 0 || column >= this.x.values.length) return -1;
    return this.facet.shownAt[column * rows + row] ?? -1;
  }

  /** The cell that holds this member. */
  of(member: number): PhaseCell | undefined {
    const index = this.facet.cellOf[member] ?? -1;
    return index === -1 ? undefined : this.cell(index);
  }

  /** The cell under a point of the plot. */
  hit(x: number, y: number): PhaseCell | undefined {
    const index = this.shown(interval(this.x.edges, x), interval(this.y.edges, y));
    return index === -1 ? undefined : this.cell(index);
  }

  rect(column: number, row: number): Rect {
    const [left = 0, right = left] = this.x.edges.slice(column, column + 2);
    const [bottom = 0, top = bottom] = this.y.edges.slice(row, row + 2);
    return { x: left, y: top, width: right - left, height: bottom - top };
  }

  /** Pixels of a typical cell along its shorter side. */
  get cellSize(): number {
    const { width, height } = this.plot;
    return Math.min(width / Math.max(1, this.x.values.length), height / Math.max(1, this.y.values.length));
  }

  /**
   * Lines between neighbouring places that are kept apart, as SVG path data.
   * @param apart tells for two cells, −1 where there is none
   */
  borders(apart: (a: number, b: number) => boolean): string {
    const [columns, rows] = [this.x.values.length, this.y.values.length];
    const parts: string[] = [];
    for (let column = 0; column <= columns; column++) {
      const at = this.x.edges[column] ?? 0;
      this.#runs(
        rows,
        (row) => apart(this.shown(column - 1, row), this.shown(column, row)),
        this.y.edges,
        (from, to) => parts.push(`M${px(at)} ${px(from)}V${px(to)}`),
      );
    }
    for (let row = 0; row <= rows; row++) {
      const at = this.y.edges[row] ?? 0;
      this.#runs(
        columns,
        (column) => apart(this.shown(column, row - 1), this.shown(column, row)),
        this.x.edges,
        (from, to) => parts.push(`M${px(from)} ${px(at)}H${px(to)}`),
      );
    }
    return parts.join("");
  }

  #runs(
    count: number,
    isPart: (index: number) => boolean,
    edges: readonly number[],
    emit: (from: number, to: number) => void,
  ): void {
    let start = -1;
    for (let index = 0; index <= count; index++) {
      const part = index < count && isPart(index);
      if (part && start === -1) start = index;
      if (part || start === -1) continue;
      emit(edges[start] ?? 0, edges[index] ?? 0);
      start = -1;
    }
  }
}

/** Sums up the members of every cell of a facet. */
export function cellContents(
  { count, starts, members }: Facet,
  model: FigureModel,
  view: PhaseDiagramView,
): CellContents {
  const cellValues = new Float64Array(count);
  const states = new Uint8Array(count);
  const values = model.values(view.color);
  const status = model.status;
  const reduce = reducer(view, model.column(view.color).categories !== undefined);
  const direct = view.aggregate === undefined || view.aggregate === "median" || view.aggregate === "mean";
  for (let cell = 0; cell < count; cell++) {
    const from = starts[cell] ?? 0;
    const to = starts[cell + 1] ?? from;
    const only = members[from] ?? 0;
    if (direct && to === from + 1) {
      // One member to a cell is the large diagrams' case: no lists for these.
      const state = status[only] ?? 0;
      states[cell] = state < NO_STATE ? state : 0;
      cellValues[cell] = state === DIVERGED ? NaN : finite(values[only]);
      continue;
    }
    const all = [...members.subarray(from, to)];
    const sound = all.filter((member) => status[member] !== DIVERGED).map((member) => finite(values[member]));
    cellValues[cell] = reduce(sound.filter((value) => !Number.isNaN(value)));
    states[cell] = mostUrgent(all.map((member) => status[member] ?? 0));
  }
  return { values: cellValues, states };
}

const finite = (value: number | undefined): number => (value !== undefined && Number.isFinite(value) ? value : NaN);

function mostUrgent(states: readonly number[]): number {
  return states.reduce((best, state) => ((RANK[state] ?? 0) > (RANK[best] ?? 0) ? state : best), states[0] ?? 0);
}
