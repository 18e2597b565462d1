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
  readonly #resolver = element("span", { style: "display: none" });

  /** @param onChange called when the page's theme or colour scheme has changed, whatever changed it */
  constructor(root: Element, onChange: () => void) {
    root.append(this.#probe, this.#resolver);
    // The probe's colours are transitions: their end tells that the variables they stand for have other values.
    this.#probe.addEventListener("transitionend", onChange);
  }

  read(): Theme {
    const entries = NAMES.map((name) => {
      this.#resolver.style.color = `var(--phasebook-${name})`;
      return [name, getComputedStyle(this.#resolver).color] as const;
    });
    return Object.fromEntries(entries) as unknown as Theme;
  }
}
