import type { FigureView, LatentSpaceView, PhaseDiagramView } from "../../src/protocol.js";
import type { FigureModel } from "../figure-model.js";
import { formatNumber, formatValue } from "../format.js";
import { distinctValues } from "../phase-axis.js";
import { element } from "./elements.js";

/** What one slider stands for. */
interface Setting {
  label: string;
  /** Its positions are 0 to `last`. */
  last: number;
  at: number;
  text: string;
  set(at: number): void;
}

/**
 * A slider for every hyperparameter that a phase diagram holds at one value, and one that goes through the training of a
 * latent space.
 */
export class Sliders {
  readonly node = element("div", { class: "phasebook-sliders" });
  readonly #model: FigureModel;
  readonly #view: () => FigureView;
  readonly #onChange: () => void;
  #settings: readonly Setting[] = [];

  /** @param view answers with the view as it is: a slider that moves replaces it, several times between two pictures */
  constructor(model: FigureModel, view: () => FigureView, onChange: () => void) {
    this.#model = model;
    this.#view = view;
    this.#onChange = onChange;
  }

  show(): void {
    const labels = (settings: readonly Setting[]) => settings.map(({ label }) => label).join();
    const before = labels(this.#settings);
    this.#settings = this.#readSettings();
    if (labels(this.#settings) !== before) {
      this.node.replaceChildren(...this.#settings.map(({ label }, index) => this.#slider(label, index)));
    }
    this.#settings.forEach((setting, index) => showSetting(this.node.children[index], setting));
  }

  #readSettings(): Setting[] {
    const view = this.#view();
    if (view.type === "phase-diagram") return (view.slices ?? []).map((slice) => this.#slice(view, slice));
    return view.type === "latent-space" && view.frames?.length ? [this.#time(view, view.frames)] : [];
  }

  #slice(view: PhaseDiagramView, { column, index }: { column: string; index: number }): Setting {
    const { label, unit, categories } = this.#model.column(column);
    const values = distinctValues(this.#model.values(column));
    const value = values.at(index) ?? NaN;
    const set = (at: number) => this.#model.slice(view, column, at);
    return { label, last: values.length - 1, at: index, text: categories?.[value] ?? formatValue(value, unit), set };
  }

  /** The last position is how it is now, also when that changes. */
  #time(view: LatentSpaceView, frames: NonNullable<LatentSpaceView["frames"]>): Setting {
    const step = frames[view.frame ?? -1]?.step;
    return {
      label: "training step",
      last: frames.length,
      at: view.frame ?? frames.length,
      text: step === undefined ? "latest" : formatNumber(step),
      set: (at) => this.#model.showFrame(view, at < frames.length ? at : undefined),
    };
  }

  #slider(label: string, index: number): HTMLElement {
    const input = element("input", { type: "range", min: "0", step: "1", "aria-label": label });
    input.addEventListener("input", () => {
      this.#readSettings()[index]?.set(input.valueAsNumber);
      this.#onChange();
    });
    return element("label", {}, element("span", {}, label), input, element("output"));
  }
}

function showSetting(slider: Element | undefined, { last, at, text }: Setting): void {
  const input = slider?.querySelector("input");
  const output = slider?.querySelector("output");
  if (!input || !output) return;
  input.max = String(last);
  input.value = String(at);
  input.setAttribute("aria-valuetext", text);
  output.textContent = text;
}
