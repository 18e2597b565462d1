import type { FigureModel } from "../figure-model.js";
import { element } from "./elements.js";
import type { Hit } from "./painter.js";

type Line = { label: string; value: string };

/** A member's hyperparameters and metrics as one sentence, for screen readers. */
export function spokenMember(model: FigureModel, member: number): string {
  const chosen = model.selection.members.includes(member) ? ", chosen" : "";
  const values = model.describe(member).map(({ label, value }) => `${label} ${value}`);
  return `Member ${member}, ${model.state(member)}${chosen}: ${values.join(", ")}`;
}

/** The line below the views: all that is known of the member in detail. */
export class Details {
  readonly node = element("div", { class: "phasebook-details" });

  show(model: FigureModel): void {
    const { members } = model.selection;
    const member = model.focus;
    if (member === undefined) {
      const hint = "Choose a cell or a curve to see its run; hold Shift to choose several.";
      this.node.replaceChildren(element("span", { class: "phasebook-label" }, hint));
      return;
    }
    const others = members.length > 1 ? `, last of ${members.length} chosen` : "";
    const name = element("span", { class: "phasebook-member" }, `Member ${member} (${model.state(member)}${others})`);
    this.node.replaceChildren(name, ...model.describe(member).map((line) => element("span", {}, ...lineNodes(line))));
  }
}

/** A small table beside the pointer. */
export class Tooltip {
  readonly node = element("div", { class: "phasebook-tooltip", "aria-hidden": "true" });

  /** @param at where to point at, in pixels of `within` */
  show(model: FigureModel, hit: Hit, at: { x: number; y: number }, within: HTMLElement): void {
    const member = hit.members.at(-1);
    if (member === undefined) {
      this.hide();
      return;
    }
    const others = hit.members.length > 1 ? ` and ${hit.members.length - 1} more` : "";
    const name = element("span", { class: "phasebook-member" }, `Member ${member}${others} · ${model.state(member)}`);
    const lines = [...(hit.extra ?? []), ...model.describe(member)];
    this.node.replaceChildren(name, ...lines.flatMap(lineNodes));
    this.node.style.display = "grid";
    const left = at.x + 14 + this.node.offsetWidth > within.clientWidth ? at.x - 14 - this.node.offsetWidth : at.x + 14;
    this.node.style.left = `${Math.max(0, left)}px`;
    this.node.style.top = `${Math.max(0, Math.min(at.y + 14, within.clientHeight - this.node.offsetHeight))}px`;
  }

  hide(): void {
    this.node.style.display = "none";
  }
}

const lineNodes = ({ label, value }: Line): HTMLElement[] => [
  element("span", { class: "phasebook-label" }, label),
  element("span", { class: "phasebook-value" }, value),
];
