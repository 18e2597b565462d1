import type { FigureView, PhaseDiagramView } from "../../src/protocol.js";
import type { FigureModel } from "../figure-model.js";
import { formatValue } from "../format.js";
import { distinctValues } from "../phase-axis.js";
import { element } from "./elements.js";

/** A slider for every hyperparameter that a phase diagram holds at one value. */
export class Sliders {
  readonly node = element("div", { class: "phasebook-sliders" });
  readonly #model: FigureModel;
  readonly #onChange: () => void;
  #shown = "";

  constructor(model: FigureModel, onChange: () => void) {
    this.#model = model;
    this.#onChange = onChange;
  }

  show(view: FigureView, index: number): void {
    const slices = (view.type === "phase-diagram" && view.slices) || [];
    const key = slices.map(({ column }) => column).join();
    if (key !== this.#shown) {
      this.node.replaceChildren(...slices.map(({ column }) => this.#slider(index, column)));
      this.#shown = key;
    }
    slices.forEach((slice, at) => this.#set(this.node.children[at], slice.column, slice.index));
  }

  #slider(view: number, column: string): HTMLElement {
    const { label } = this.#model.column(column);
    const last = distinctValues(this.#model.values(column)).length - 1;
    const input = element("input", { type: "range", min: "0", max: String(last), step: "1", "aria-label": label });
    input.addEventListener("input", () => {
      this.#model.slice(this.#model.views[view] as PhaseDiagramView, column, input.valueAsNumber);
      this.#onChange();
    });
    return element("label", {}, element("span", {}, label), input, element("output"));
  }

  #set(slider: Element | undefined, name: string, index: number): void {
    const input = slider?.querySelector("input");
    const output = slider?.querySelector("output");
    if (!input || !output) return;
    const { unit, categories } = this.#model.column(name);
    const value = distinctValues(this.#model.values(name)).at(index) ?? NaN;
    const text = categories?.[value] ?? formatValue(value, unit);
    input.value = String(index);
    input.setAttribute("aria-valuetext", text);
    output.textContent = text;
  }
}
