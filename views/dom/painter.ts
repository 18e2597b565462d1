import type { FigureModel } from "../figure-model.js";
import type { Panel } from "../panel.js";
import type { SvgNode } from "../svg-node.js";
import type { Theme } from "../theme.js";

/** A key that moves the cursor from member to member. */
export type MoveKey = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" | "Home" | "End";

/** What is under the pointer. */
export interface Hit {
  /** Members to choose by a click; the last is the one in detail. */
  members: readonly number[];
  /** Further lines of the tooltip. */
  extra?: { label: string; value: string }[];
}

/** What a view of one type does with its laid-out panel on a page. */
export interface Painter<Laid extends Panel = Panel> {
  /** What a screen reader calls the view. */
  readonly role: string;
  /** Draws all marks, in CSS pixels. */
  paint(context: CanvasRenderingContext2D, panel: Laid, chosen: readonly number[], theme: Theme): void;
  /** Outlines above the marks: chosen members, and the one under pointer or cursor. */
  overlay(panel: Laid, chosen: readonly number[], hovered: number | undefined, theme: Theme): SvgNode[];
  hit(panel: Laid, model: FigureModel, x: number, y: number): Hit | undefined;
  /** The member that `key` leads to from `member`; undefined to stay. */
  neighbour(panel: Laid, model: FigureModel, member: number, key: MoveKey): number | undefined;
  /** Where the tooltip of a member belongs, if the view shows it. */
  anchor(panel: Laid, member: number): { x: number; y: number } | undefined;
}
