const FIGURE = ".phasebook-figure";
const SUPPRESS = "data-lm-suppress-shortcuts";
const KEYS = new Set([
  "ArrowLeft",
  "ArrowRight",
  "ArrowUp",
  "ArrowDown",
  "Home",
  "End",
  "Enter",
  " ",
  "Escape",
  "+",
  "-",
  "=",
  "0",
]);

/**
 * Leaves to a focused figure the keys that it understands, which JupyterLab would otherwise take as commands of the
 * notebook (Enter edits the cell, arrows leave it, Escape and Z act on cells). All others still reach JupyterLab.
 */
export function guardFigureKeys(page: Window): void {
  // In the capture phase at the window: JupyterLab looks for shortcuts in the capture phase at the document.
  page.addEventListener("keydown", guard, { capture: true });
}

function guard(event: KeyboardEvent): void {
  const figure = event.target instanceof Element ? event.target.closest(FIGURE) : null;
  figure?.toggleAttribute(SUPPRESS, belongsToFigure(event));
}

function belongsToFigure({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (altKey) return key.startsWith("Arrow");
  if (ctrlKey || metaKey) return ["z", "y"].includes(key.toLowerCase());
  return KEYS.has(key);
}
