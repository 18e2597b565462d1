import type { FigureModel } from "../figure-model.js";
import type { Panel } from "../panel.js";
import type { Point, Region } from "../region.js";
import type { Choice } from "../selection.js";
import type { SvgNode } from "../svg-node.js";
import type { Theme } from "../theme.js";

/** A key that moves the cursor from member to member. */
export type MoveKey = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" | "Home" | "End";

/** What is under the pointer. */
export interface Hit {
  /** What a click chooses. */
  choice: Partial<Choice>;
  /** The member that the tooltip describes, and that all views point out. */
  member: number;
  /** Further lines of the tooltip. */
  extra?: { label: string; value: string }[];
}

/** A point of a latent space under the keyboard's cursor. */
export interface PointHit extends Hit {
  point: number;
  /** Where it is drawn. */
  at: Point;
}

/** What a view of one type does with its laid-out panel on a page. */
export interface Painter<Laid extends Panel = Panel> {
  /** What a screen reader calls the view. */
  readonly role: string;
  /** How a drag marks out a region. */
  readonly drag: "rectangle" | "lasso";
  /** Draws all marks, in CSS pixels. */
  paint(context: CanvasRenderingContext2D, panel: Laid, chosen: Choice, theme: Theme): void;
  /** Outlines above the marks: what is chosen, and the member under pointer or cursor. */
  overlay(panel: Laid, chosen: Choice, hovered: number | undefined, theme: Theme): SvgNode[];
  hit(panel: Laid, model: FigureModel, x: number, y: number): Hit | undefined;
  /** What lies in a region. */
  inside(panel: Laid, region: Region): Partial<Choice>;
  /** What Shift and a move of the cursor choose: everything from one member to another. */
  between(panel: Laid, from: number, to: number): readonly number[];
  /** The member that `key` leads to from `member`; undefined to stay. */
  neighbour(panel: Laid, model: FigureModel, member: number, key: MoveKey): number | undefined;
  /**
   * For views whose cursor goes from point to point instead: the point that `key` leads to, from the cursor's or, without
   * one, to begin with.
   */
  nextPoint?(panel: Laid, from: number | undefined, key: MoveKey): PointHit | undefined;
  /** Where the tooltip of a member belongs, if the view shows it. */
  anchor(panel: Laid, member: number): Point | undefined;
}

/** Members from one to another along an order. */
export function stretch(order: readonly number[], from: number, to: number): readonly number[] {
  const [a, b] = [order.indexOf(from), order.indexOf(to)];
  if (a === -1 || b === -1) return [to];
  return a <= b ? order.slice(a, b + 1) : order.slice(b, a + 1).reverse();
}
