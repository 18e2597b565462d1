import type { FigureModel } from "../figure-model.js";
import { describeProgress } from "../progress-text.js";
import { element } from "./elements.js";
import { type ExportFormat, exportMenu } from "./exports.js";

/** Title, progress, a note about the connection, and undo and redo of the selection. */
export class Header {
  readonly node: HTMLElement;
  readonly #title = element("span", { class: "phasebook-title" });
  readonly #status = element("span", { class: "phasebook-status" });
  readonly #note = element("span", { class: "phasebook-note", role: "status" });
  readonly #fill = element("div");
  readonly #bar = element("div", { class: "phasebook-bar", role: "progressbar", "aria-label": "Training" }, this.#fill);
  readonly #undo = toolButton("↶", "Undo selection");
  readonly #redo = toolButton("↷", "Redo selection");

  constructor(onUndo: () => void, onRedo: () => void, onExport: (format: ExportFormat) => void) {
    this.#undo.addEventListener("click", onUndo);
    this.#redo.addEventListener("click", onRedo);
    const tools = element("span", { class: "phasebook-tools" }, this.#undo, this.#redo, exportMenu(onExport));
    const state = element("div", { class: "phasebook-state" }, this.#note, this.#status, tools);
    this.node = element("div", { class: "phasebook-header" }, this.#title, state, this.#bar);
  }

  show(model: FigureModel): void {
    const { state, step, steps } = model.progress;
    const percent = steps > 0 ? Math.min(100, (100 * step) / steps) : 0;
    this.#title.textContent = model.title ?? "";
    this.#status.textContent = describeProgress(model);
    this.#bar.setAttribute("aria-valuenow", String(Math.round(percent)));
    // A training that has ended needs no bar; its place stays, so that nothing below moves.
    this.#bar.style.visibility = state === "running" || state === "waiting" ? "visible" : "hidden";
    this.#fill.style.transform = `scaleX(${percent / 100})`;
    this.#undo.disabled = !model.selection.canUndo;
    this.#redo.disabled = !model.selection.canRedo;
  }

  /** Says something about the connection; an empty text says nothing. */
  note(message: string): void {
    this.#note.textContent = message;
  }
}

function toolButton(sign: string, label: string): HTMLButtonElement {
  return element("button", { type: "button", "aria-label": label, title: label }, sign);
}
