import type { PaletteName } from "./palette.js";

/** How people want all figures to look, whatever these show. */
export interface ViewSettings {
  /** Colours of continuous quantities of members. */
  palette: PaletteName;
  /** Points of a latent space that are drawn at most: evenly spread ones of more. */
  maximumPoints: number;
}

export const DEFAULT_SETTINGS: ViewSettings = { palette: "viridis", maximumPoints: 1_000_000 };
