import type { FigureView } from "../../src/protocol.js";
import type { PanelOptions } from "../axes.js";
import { CAMERA, type Camera, panned, turned, zoomed } from "../camera.js";
import type { FigureModel } from "../figure-model.js";
import { type Panel, layoutPanel } from "../panel.js";
import type { Point, Region } from "../region.js";
import type { Choice } from "../selection.js";
import { type SvgNode, svg } from "../svg-node.js";
import type { Theme } from "../theme.js";
import { viewName } from "../to-svg.js";
import { curvesPainter } from "./curves-painter.js";
import { SvgLayer, element } from "./elements.js";
import { histogramPainter } from "./histogram-painter.js";
import { imagesPainter } from "./images-painter.js";
import { latentSpacePainter } from "./latent-space-painter.js";
import { CSS_THEME } from "./page-theme.js";
import type { Hit, MoveKey, Painter, PointHit } from "./painter.js";
import { phaseDiagramPainter } from "./phase-diagram-painter.js";
import { Sliders } from "./sliders.js";

/** A painter of a view type is only ever given panels of that type. */
const PAINTERS = {
  "phase-diagram": phaseDiagramPainter,
  curves: curvesPainter,
  "latent-space": latentSpacePainter,
  histogram: histogramPainter,
  images: imagesPainter,
} as unknown as Record<FigureView["type"], Painter>;

/**
 * Drawn by the processor: cells and points are pixels that it computes, lines cost it little, and a graphics card that is
 * imitated in software takes a processor away from the training.
 */
const CANVAS: CanvasRenderingContext2DSettings = { willReadFrequently: true };

/** One view on the page: axes as SVG, marks on a canvas, outlines above both. */
export class PanelView {
  /** The panel itself, which takes the focus. */
  readonly node: HTMLDivElement;
  /** The panel with its sliders. */
  readonly box: HTMLElement;
  readonly #sliders: Sliders;
  readonly #model: FigureModel;
  readonly #index: number;
  readonly #frame = new SvgLayer("phasebook-frame");
  readonly #canvas = element("canvas", { "aria-hidden": "true" });
  readonly #overlay = new SvgLayer("phasebook-overlay");
  #panel: Panel | undefined;
  #drawnFrom: readonly unknown[] | undefined;
  #region: Region | undefined;
  /** Where the keyboard's cursor is, among points. */
  #cursor: Point | undefined;
  #camera: Camera = CAMERA;
  /** What the axes were laid out for when the camera was moved: new points leave the picture where it is. */
  #held: PanelOptions["held"];

  /** @param index of the view in the figure */
  constructor(model: FigureModel, index: number, describedBy: string, onSlice: () => void) {
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
    this.#sliders = new Sliders(model, () => this.#view, onSlice);
    this.box = element("div", { class: "phasebook-view" }, this.node, this.#sliders.node);
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
    this.#sliders.show();
    const width = this.node.clientWidth;
    const height = this.node.clientHeight;
    if (width === 0 || height === 0) return;
    const inputs = this.#inputs(width, height, theme);
    if (inputs?.every((input, index) => input === this.#drawnFrom?.[index])) {
      this.drawOverlay(hovered);
      return;
    }
    this.#drawnFrom = inputs;
    const letter = this.#model.views.length > 1 ? String.fromCharCode(97 + this.#index) : undefined;
    this.#panel = layoutPanel(this.#model, this.#view, {
      width,
      height,
      theme: CSS_THEME,
      surface: theme.surface,
      letter,
      camera: this.#camera,
      held: this.#held,
    });
    this.#frame.show([this.#panel.frame]);
    const context = this.#prepareCanvas(width, height);
    if (context) this.#painter.paint(context, this.#panel, this.#model.selection, theme);
    this.drawOverlay(hovered);
  }

  /**
   * All that the picture of points or images depends on: these take long to draw, and most updates of a training leave them as
   * they were. Undefined for other views, which show what every update changes.
   */
  #inputs(width: number, height: number, theme: Theme): readonly unknown[] | undefined {
    const view = this.#view;
    const names =
      view.type === "latent-space"
        ? [view, ...(view.frames ?? [])].flatMap(({ points, color }) =>
            color === undefined ? [points] : [points, color],
          )
        : view.type === "images"
          ? [view.images]
          : undefined;
    if (!names) return undefined;
    const { selection, settings } = this.#model;
    const looks = [width, height, window.devicePixelRatio, JSON.stringify(theme), this.#camera, this.#held, settings];
    return [...looks, view, selection.members, selection.points, ...names.map((name) => this.#model.array(name))];
  }

  /** Redraws the outlines only: what a moving pointer changes. */
  drawOverlay(hovered: number | undefined): void {
    if (!this.#panel) return;
    const nodes = this.#painter.overlay(this.#panel, this.#model.selection, hovered, CSS_THEME);
    const brush = { fill: CSS_THEME.accent, "fill-opacity": 0.12, stroke: CSS_THEME.accent, "stroke-dasharray": "4 3" };
    const region = this.#region ? [svg("path", { d: this.#region.outline, ...brush })] : [];
    this.#overlay.show([...nodes, ...(this.#cursor ? pointCursor(this.#cursor) : []), ...region]);
  }

  /** Shows a region that is being marked out, or none. */
  markRegion(region: Region | undefined, hovered: number | undefined): void {
    this.#region = region;
    this.drawOverlay(hovered);
  }

  /** A cleared canvas of this size in CSS pixels, as fine as the screen. */
  #prepareCanvas(width: number, height: number): CanvasRenderingContext2D | null {
    const ratio = window.devicePixelRatio;
    const size = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
    const context = this.#canvas.getContext("2d", CANVAS);
    // A size that is set makes another picture in the graphics process, even if it is the same size.
    if (size.width === this.#canvas.width && size.height === this.#canvas.height) context?.reset();
    else Object.assign(this.#canvas, size);
    context?.scale(ratio, ratio);
    return context;
  }

  /** What a plain drag moves here, or nothing: then it marks out a region, as it does with Alt. */
  get moves(): "picture" | "cloud" | undefined {
    if (this.#panel?.type !== "latent-space") return undefined;
    return this.#panel.depth ? "cloud" : "picture";
  }

  /** Moves or turns the cloud of points by pixels. */
  moveCamera(dx: number, dy: number): void {
    const plot = this.#panel?.plot;
    if (!plot) return;
    const move = this.moves === "cloud" ? turned : panned;
    this.#setCamera(move(this.#camera, dx / plot.width, dy / plot.height));
  }

  /** Zooms around a point of the panel, or its middle; a factor of 0 goes back to the whole. */
  zoom(factor: number, at?: Point): void {
    const plot = this.#panel?.plot;
    if (!plot) return;
    const centre = { x: at ? (at.x - plot.x) / plot.width - 0.5 : 0, y: at ? (at.y - plot.y) / plot.height - 0.5 : 0 };
    this.#setCamera(factor === 0 ? CAMERA : zoomed(this.#camera, factor, centre));
  }

  #setCamera(camera: Camera): void {
    this.#camera = camera;
    if (camera === CAMERA) this.#held = undefined;
    else if (this.#panel?.type === "latent-space" && this.#held?.member !== this.#panel.member) {
      this.#held = { member: this.#panel.member, extents: this.#panel.extents };
    }
  }

  /** How a drag marks out a region here. */
  get drag(): Painter["drag"] {
    return this.#painter.drag;
  }

  /** What is under a point of the panel. */
  hit({ x, y }: Point): Hit | undefined {
    return this.#panel && this.#painter.hit(this.#panel, this.#model, x, y);
  }

  inside(region: Region): Partial<Choice> {
    return this.#panel ? this.#painter.inside(this.#panel, region) : {};
  }

  between(from: number, to: number): readonly number[] {
    return this.#panel ? this.#painter.between(this.#panel, from, to) : [to];
  }

  /** Moves the cursor from point to point, where the view has one. */
  nextPoint(from: number | undefined, key: MoveKey): PointHit | undefined {
    return this.#panel && this.#painter.nextPoint?.(this.#panel, from, key);
  }

  /** Whether the cursor goes from point to point here. */
  get hasPoints(): boolean {
    return this.#painter.nextPoint !== undefined;
  }

  /** Shows the keyboard's cursor on a point, or nowhere. */
  markPoint(at: Point | undefined): void {
    this.#cursor = at;
    this.drawOverlay(undefined);
  }

  neighbour(member: number, key: MoveKey): number | undefined {
    return this.#panel && this.#painter.neighbour(this.#panel, this.#model, member, key);
  }

  /** Where a member's tooltip belongs, in pixels of the panel. */
  anchor(member: number): Point | undefined {
    return this.#panel && this.#painter.anchor(this.#panel, member);
  }
}

/** A ring around a point, to be seen on any colour. */
const pointCursor = ({ x, y }: Point): SvgNode[] =>
  [
    { stroke: CSS_THEME.surface, "stroke-width": 4 },
    { stroke: CSS_THEME.accent, "stroke-width": 2 },
  ].map((line) => svg("circle", { cx: x, cy: y, r: 6, fill: "none", ...line }));
