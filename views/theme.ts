/** Colours of everything that is not data. Static pictures use {@link LIGHT}; a page gives its own, live. */
export interface Theme {
  text: string;
  muted: string;
  /** Axis lines and ticks. */
  axis: string;
  grid: string;
  surface: string;
  accent: string;
  /** Diverged members. */
  warning: string;
  /** Fill of cells that have no value yet. */
  empty: string;
  /** Lines and points without a colour of their own. */
  neutral: string;
}

export const LIGHT: Theme = {
  text: "#1f2328",
  muted: "#59636e",
  axis: "#6e7781",
  grid: "#eaeef2",
  surface: "#ffffff",
  accent: "#0969da",
  warning: "#d55e00",
  empty: "#eff1f4",
  neutral: "#57606a",
};

export const FONT_FAMILY = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** How much wider than regular letters bold ones are. */
export const BOLD = 1.12;

/** Font sizes in pixels. */
export const FONT = { title: 15, panel: 12.5, label: 12, tick: 11, note: 11.5 } as const;
