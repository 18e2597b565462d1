import type { Theme } from "../theme.js";
import { element } from "./elements.js";

const NAMES = ["text", "muted", "axis", "grid", "surface", "accent", "warning", "empty", "neutral"] as const;

/** The theme as CSS variables, for SVG elements: these follow the page by themselves. */
export const CSS_THEME = Object.fromEntries(
  NAMES.map((name) => [name, `var(--phasebook-${name})`]),
) as unknown as Theme;

/** The page's colours as values, for canvases, and a signal when they change. */
export class PageTheme {
  readonly #probe = element("span", { class: "phasebook-probe", "aria-hidden": "true" });
  /** An element for each colour: all are read at the price of one look at the page's styles. */
  readonly #resolvers = NAMES.map((name) => element("span", { style: `color: var(--phasebook-${name})` }));

  /** @param onChange called when the page's theme or colour scheme has changed, whatever changed it */
  constructor(root: Element, onChange: () => void) {
    root.append(this.#probe, element("span", { style: "display: none" }, ...this.#resolvers));
    // The probe's colours are transitions: their end tells that the variables they stand for have other values.
    this.#probe.addEventListener("transitionend", onChange);
  }

  read(): Theme {
    const colors = this.#resolvers.map((resolver) => getComputedStyle(resolver).color);
    return Object.fromEntries(NAMES.map((name, index) => [name, colors[index]])) as unknown as Theme;
  }
}
