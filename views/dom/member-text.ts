import type { FigureView } from "../../src/protocol.js";
import type { FigureModel } from "../figure-model.js";
import { plural } from "../format.js";
import { element } from "./elements.js";
import type { Hit, PointHit } from "./painter.js";

type Line = { label: string; value: string };

/** What is chosen as one sentence, for screen readers. */
export function spokenSelection(model: FigureModel): string {
  const { members, points } = model.selection;
  const parts = [
    members.length > 1 ? `${plural(members.length, "member")} chosen` : "",
    points.length > 0 ? `${plural(points.length, "point")} chosen` : "",
    model.focus === undefined ? "" : spokenMember(model, model.focus),
  ].filter((part) => part !== "");
  return parts.length > 0 ? parts.join(". ") : "Nothing chosen";
}

/** A member's hyperparameters and metrics as one sentence, for screen readers. */
export function spokenMember(model: FigureModel, member: number): string {
  const chosen = model.selection.members.includes(member) ? ", chosen" : "";
  const values = model.describe(member).map(({ label, value }) => `${label} ${value}`);
  return `Member ${member}, ${model.state(member)}${chosen}: ${values.join(", ")}`;
}

/** A point of a latent space as one sentence, for screen readers. */
export function spokenPoint(model: FigureModel, { point, member, extra = [] }: PointHit): string {
  const chosen = model.selection.points.includes(point) ? ", chosen" : "";
  const values = extra.slice(1).map(({ label, value }) => `${label} ${value}`);
  return `Point ${point} of member ${member}${chosen}: ${values.join(", ")}`;
}

/** What stands for members in a view. */
const TARGETS: Partial<Record<FigureView["type"], string>> = {
  "phase-diagram": "a cell",
  curves: "a curve",
  histogram: "a bar",
  images: "a picture",
};

/** What can be chosen in the views of a figure, and how. */
function hint(model: FigureModel): string {
  const targets = [...new Set(model.views.flatMap(({ type }) => TARGETS[type] ?? []))];
  const turns = model.views.some((view) => view.type === "latent-space" && model.array(view.points).shape[2] === 3);
  if (targets.length === 0) {
    return turns
      ? "Drag to turn the points. Choose one to see what is known of it; drag with Alt, or hold Shift, to choose several."
      : "Choose a point to see what is known of it; drag around points, or hold Shift, to choose several.";
  }
  const names = [targets.slice(0, -1).join(", "), ...targets.slice(-1)].filter((name) => name !== "").join(" or ");
  const turn = turns ? " Drag points in space to turn them." : "";
  return `Choose ${names} to see what is known of it; drag, or hold Shift, to choose several.${turn}`;
}

/** The line below the views: all that is known of the member in detail. */
export class Details {
  readonly node = element("div", { class: "phasebook-details" });

  show(model: FigureModel): void {
    const { members, points } = model.selection;
    const member = model.focus;
    const marked = points.length === 0 ? [] : [element("span", {}, `${plural(points.length, "point")} chosen`)];
    if (member === undefined) {
      const help = [element("span", { class: "phasebook-label" }, hint(model))];
      this.node.replaceChildren(...(marked.length ? marked : help));
      return;
    }
    const others = members.length > 1 ? `, last of ${members.length} chosen` : "";
    const name = element("span", { class: "phasebook-member" }, `Member ${member} (${model.state(member)}${others})`);
    const lines = model.describe(member).map((line) => element("span", {}, ...lineNodes(line)));
    this.node.replaceChildren(name, ...lines, ...marked);
  }
}

/** A small table beside the pointer. */
export class Tooltip {
  readonly node = element("div", { class: "phasebook-tooltip", "aria-hidden": "true" });

  /** @param at where to point at, in pixels of `within` */
  show(model: FigureModel, hit: Hit, at: { x: number; y: number }, within: HTMLElement): void {
    const { member } = hit;
    const others = (hit.choice.members?.length ?? 1) - 1;
    const more = others > 0 ? ` and ${others} more` : "";
    const name = element("span", { class: "phasebook-member" }, `Member ${member}${more} · ${model.state(member)}`);
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
