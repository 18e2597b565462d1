import { SelectionHistory } from "../../views/index.js";
import type { FigureSource } from "./source.js";

/** What is chosen of an ensemble, as code sees it. */
export interface FigureSelection {
  /** Members in the order of choosing; the last is the one in detail. */
  readonly members: readonly number[];
  /** Samples, as indices along the points of the latent spaces. */
  readonly points: readonly number[];
}

/** Called with the chosen members, the last of which is the one in detail, and with the chosen points. */
export type SelectionListener = (members: readonly number[], points: readonly number[]) => void;

const selections = new WeakMap<FigureSource, SelectionHistory>();

/** The selection that all figures of this source share. */
export function selectionOf(source: FigureSource): SelectionHistory {
  let selection = selections.get(source);
  if (!selection) selections.set(source, (selection = new SelectionHistory()));
  return selection;
}
