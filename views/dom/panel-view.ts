import type { FigureView } from "../../src/protocol.js";
import type { FigureModel } from "../figure-model.js";
import { type Panel, layoutPanel } from "../panel.js";
import type { Theme } from "../theme.js";
import { viewName } from "../to-svg.js";
import { curvesPainter } from "./curves-painter.js";
import { SvgLayer, element } from "./elements.js";
import { latentSpacePainter } from "./latent-space-painter.js";
import { CSS_THEME } from "./page-theme.js";
import type { Hit, MoveKey, Painter } from "./painter.js";
import { phaseDiagramPainter } from "./phase-diagram-painter.js";

/** A painter of a view type is only ever given panels of that type. */
const PAINTERS = {
  "phase-diagram": phaseDiagramPainter,
  curves: curvesPainter,
  "latent-space": latentSpacePainter,
} as unknown as Record<FigureView["type"], Painter>;

/** One view on the page: axes as SVG, marks on a canvas, outlines above both. */
export class PanelView {
  readonly node: HTMLDivElement;
  readonly #model: FigureModel;
  readonly #index: number;
  readonly #frame = new SvgLayer("phasebook-frame");
  readonly #canvas = element("canvas", { "aria-hidden": "true" });
  readonly #overlay = new SvgLayer("phasebook-overlay");
  #panel: Panel | undefined;

  /** @param index of the view in the figure */
  constructor(model: FigureModel, index: number, describedBy: string) {
    this.#model = model;
    this.#index = index;
    this.node = element(
      "div",
      { class: "phasebook-panel", tabindex: "0", role: "application", "aria-describedby": describedBy },
      this.#frame.node,
      this.#canvas,
      this.#overlay.node,
    );
    this.node.dataset["view"] = this.#view.type;
    this.node.setAttribute("aria-roledescription", this.#painter.role);
    this.node.setAttribute("aria-label", viewName(this.#view));
  }

  get #view(): FigureView {
    const view = this.#model.views[this.#index];
    if (!view) throw new RangeError(`The figure has no view ${this.#index}.`);
    return view;
  }

  get #painter(): Painter {
    return PAINTERS[this.#view.type];
  }

  /** Lays out and draws everything; does nothing while the panel has no size. */
  draw(theme: Theme, hovered: number | undefined): void {
    const width = this.node.clientWidth;
    const height = this.node.clientHeight;
    if (width === 0 || height === 0) return;
    const letter = this.#model.views.length > 1 ? String.fromCharCode(97 + this.#index) : undefined;
    this.#panel = layoutPanel(this.#model, this.#view, { width, height, theme: CSS_THEME, letter });
    this.#frame.show([this.#panel.frame]);
    const context = this.#prepareCanvas(width, height);
    if (context) this.#painter.paint(context, this.#panel, this.#model.selection.members, theme);
    this.drawOverlay(hovered);
  }

  /** Redraws the outlines only: what a moving pointer changes. */
  drawOverlay(hovered: number | undefined): void {
    if (!this.#panel) return;
    this.#overlay.show(this.#painter.overlay(this.#panel, this.#model.selection.members, hovered, CSS_THEME));
  }

  /** A cleared canvas of this size in CSS pixels, as fine as the screen. */
  #prepareCanvas(width: number, height: number): CanvasRenderingContext2D | null {
    const ratio = window.devicePixelRatio;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    const context = this.#canvas.getContext("2d");
    context?.scale(ratio, ratio);
    return context;
  }

  /** What is under a point given in the window's coordinates. */
  hit(clientX: number, clientY: number): Hit | undefined {
    const bounds = this.node.getBoundingClientRect();
    return this.#panel && this.#painter.hit(this.#panel, this.#model, clientX - bounds.x, clientY - bounds.y);
  }

  neighbour(member: number, key: MoveKey): number | undefined {
    return this.#panel && this.#painter.neighbour(this.#panel, this.#model, member, key);
  }

  /** Where a member's tooltip belongs, in pixels of the panel. */
  anchor(member: number): { x: number; y: number } | undefined {
    return this.#panel && this.#painter.anchor(this.#panel, member);
  }
}
