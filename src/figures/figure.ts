import { type SelectionHistory, toSVG } from "../../views/index.js";
import {
  type Comm,
  DISPLAY_METHOD,
  FIGURE_MIME,
  type FigurePayload,
  type Json,
  type MimeBundle,
  PAYLOAD_VERSION,
} from "../protocol.js";
import { checkColumnTexts, type ColumnTexts } from "../storage/column-text.js";
import { notebookHost } from "../notebook-host.js";
import { BufferSink, type ByteSink, inlineSink } from "./encode.js";
import { LATENT_MOMENTS, LatentFollower, type LatentFunction } from "./latent-follower.js";
import { LiveChannel, type Message } from "./live.js";
import {
  SNAPSHOT_POINTS,
  type ViewOptions,
  checkImages,
  checkLatent,
  colorPacking,
  latentPointCount,
  thinned,
  describeColumns,
  labelledColumns,
  describeViews,
  encodeHyperparameters,
  encodeImages,
  encodeLatent,
  encodeLive,
  encodeMoments,
  everyOf,
} from "./payload.js";
import { FigureWidget } from "./figure-widget.js";
import { registerFigure, unregisterFigure } from "./registry.js";
import { type FigureSelection, type SelectionListener, selectionOf } from "./selection.js";
import type { FigureData, FigureSource, ImageSet, LatentPoints } from "./source.js";

export interface FigureOptions {
  title?: string;
  views: readonly ViewOptions[];
  /** Labels and units of hyperparameters and metrics in this figure; `grid`, `train` and `measurements` state them for all figures. */
  columns?: ColumnTexts;
  /**
   * Latent spaces that are known already ({@link Figure.setLatent} sets them later), or a function that computes them: it is
   * called while the training goes on, so that they are shown live and can be gone through afterwards, and at its end.
   */
  latent?: LatentPoints | LatentFunction;
  /** Pictures for a view of type "images"; {@link Figure.setImages} sets them later. */
  images?: ImageSet;
}

/**
 * A figure over an ensemble's members: linked views that follow the ensemble while it trains, can be explored in the
 * notebook, and stay in the saved notebook as they were at the end.
 */
export class Figure {
  /** Identity of the figure; unique across kernel sessions, since saved notebooks hold it. */
  readonly id: string = crypto.randomUUID();
  readonly source: FigureSource;
  readonly #options: FigureOptions;
  readonly #selection: SelectionHistory;
  readonly #live: LiveChannel;
  readonly #listeners = new Set<SelectionListener>();
  readonly #release: (() => void)[] = [];
  #data: FigureData = {};
  /** Whether the notebook shows the figure under its id, so that its stored output can be replaced. */
  #displayed = false;
  #storing = false;
  #follower: LatentFollower | undefined;
  #widget: FigureWidget | undefined;

  /** @throws {RangeError} when a view or a label is of a column that the source does not have */
  constructor(source: FigureSource, options: FigureOptions) {
    this.source = source;
    this.#options = options;
    this.#selection = selectionOf(source);
    this.#live = new LiveChannel({
      snapshot: () => this.#snapshot(),
      update: () => this.#update(),
      onSelect: (selection, origin) => this.#choose(selection, origin),
    });
    const names = source.columns.map(({ name }) => name);
    checkColumnTexts("figure", options.columns ?? {}, names);
    describeViews(source, options.views);
    if (typeof options.latent === "function") this.#followLatent(options.latent);
    else if (options.latent) this.setLatent(options.latent);
    if (options.images) this.setImages(options.images);
    this.#release.push(this.#selection.subscribe((_, origin) => this.#onSelection(origin)));
    if (source.onChange) this.#release.push(source.onChange(() => this.#onChange()));
    registerFigure(this);
  }

  /** What is chosen now, by people or by code; choices of people that are under way have arrived when it resolves. */
  async selection(): Promise<FigureSelection> {
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    const { members, points } = this.#selection;
    return { members, points };
  }

  /**
   * Chooses members, points of their latent spaces, or both, in all figures of the same ensemble.
   * @throws {RangeError} when a member or a point does not exist
   */
  select(selection: readonly number[] | Partial<FigureSelection>): void {
    this.#choose("length" in selection ? { members: selection } : selection, undefined);
  }

  /** Takes the last choice back, whoever made it; answers whether there was one. */
  undo(): boolean {
    return this.#selection.undo();
  }

  /** Makes the choice again that was taken back last. */
  redo(): boolean {
    return this.#selection.redo();
  }

  /** Calls `listener` whenever other members are chosen, by a person or by code; the answer ends that. */
  on(event: "select", listener: SelectionListener): () => void {
    const name: string = event; // cells run without a type check
    if (name !== "select") throw new RangeError(`A figure has the event "select", not "${name}".`);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Sets the latent spaces of all members.
   * @throws {RangeError} when their sizes do not fit the ensemble
   */
  setLatent(latent: LatentPoints): void {
    checkLatent(this.source.members, latent);
    this.#replace({ latent });
  }

  /** Resolves when the training has ended and the figure shows its end; rejects when its latent spaces could not be computed. */
  async complete(): Promise<this> {
    const isOver = () => !["waiting", "running"].includes(this.source.progress.state);
    if (!isOver() && this.source.onChange) {
      await new Promise<void>((resolve) => {
        const release = this.source.onChange?.(() => {
          if (!isOver()) return;
          release?.();
          resolve();
        });
      });
    }
    await this.#follower?.ended;
    return this;
  }

  #followLatent(ask: LatentFunction): void {
    const { members } = this.source;
    const tell = (latent: LatentPoints, step: number) => {
      checkLatent(members, latent);
      const isEnd = !["waiting", "running"].includes(this.source.progress.state) && step === this.source.progress.step;
      const every = everyOf(members, latent, SNAPSHOT_POINTS / LATENT_MOMENTS);
      const moment = { step, every, latent: thinned(members, latent, every) ?? latent };
      this.#replace({ latent, ...(!isEnd && { moments: [...(this.#data.moments ?? []), moment] }) });
    };
    this.#follower = new LatentFollower(this.source, ask, tell);
    this.#follower.changed();
  }

  /**
   * Sets the pictures.
   * @throws {RangeError} when their sizes do not fit the ensemble
   */
  setImages(images: ImageSet): void {
    checkImages(this.source.members, images);
    this.#replace({ images });
  }

  #replace(data: FigureData): void {
    this.#data = { ...this.#data, ...data };
    this.#live.replaced();
    this.#store();
  }

  /** The whole figure, as a notebook stores it. */
  get payload(): FigurePayload {
    return this.#payload(inlineSink, SNAPSHOT_POINTS);
  }

  /** The figure as a picture: an SVG document. */
  toSVG(): string {
    return toSVG(this.payload);
  }

  /**
   * Writes the figure as a page of its own: interactive in any browser, without a server, a kernel or a network.
   * @param file where to, relative to the notebook's folder
   */
  async toHTML(file: string): Promise<void> {
    const { writeFigurePage } = await import("./html-page.js");
    await writeFigurePage(file, this.payload, this.toSVG());
  }

  /** Shows the figure below the current cell; its output is replaced by the final state when the training ends. */
  display(): this {
    const host = notebookHost();
    if (!host) throw new Error("There is no notebook to display in; use toSVG() or payload instead.");
    registerFigure(this);
    this.#displayed = true;
    host.display(this.#bundle(), { displayId: this.id });
    return this;
  }

  /** A figure that is a cell's value displays itself; without a notebook, the answer is its representations. */
  [DISPLAY_METHOD](): MimeBundle {
    if (!notebookHost()) return this.#bundle();
    this.display();
    return {};
  }

  /**
   * The figure as a Jupyter widget, live in front ends that know those (anywidget) and not Phasebook's extension: as the
   * value of a cell it is shown, and it can be part of other widgets.
   * @throws {Error} without a notebook
   */
  toWidget(): FigureWidget {
    registerFigure(this);
    return (this.#widget ??= new FigureWidget(this, () => this.#bundle()));
  }

  /** Accepts a renderer's comm. */
  attach(comm: Comm): void {
    this.#live.attach(comm);
  }

  /** Stops following the ensemble; the output stays as it is. */
  close(): void {
    for (const release of this.#release.splice(0)) release();
    unregisterFigure(this);
  }

  #choose({ members, points }: Partial<FigureSelection>, origin: Comm | undefined): void {
    if (members) checkIndices("member", members, this.source.members);
    if (points) checkIndices("point", points, this.#pointCount);
    this.#selection.choose({ ...(members && { members }), ...(points && { points }) }, origin);
  }

  #onSelection(origin: unknown): void {
    const { members, points } = this.#selection;
    this.#live.selected(this.#selection.toSelection(), origin);
    if (origin === undefined) this.#store();
    for (const listener of [...this.#listeners]) listener(members, points);
  }

  #onChange(): void {
    this.#live.changed();
    this.#follower?.changed();
    this.#store();
  }

  /** Replaces the stored output, once for all changes of this turn, unless the training is still changing it. */
  #store(): void {
    const { state } = this.source.progress;
    const isShown = this.#displayed || this.#widget;
    if (!isShown || this.#storing || state === "running" || state === "waiting") return;
    this.#storing = true;
    queueMicrotask(() => {
      this.#storing = false;
      this.#widget?.store();
      if (this.#displayed) notebookHost()?.display(this.#bundle(), { displayId: this.id, update: true });
    });
  }

  #bundle(): MimeBundle {
    const payload = this.payload;
    return {
      [FIGURE_MIME]: payload as unknown as Json,
      "image/svg+xml": toSVG(payload),
      "text/plain": this.#summary(),
    };
  }

  #summary(): string {
    const { members, progress } = this.source;
    const views = this.#options.views.map((view) => view.type.replace("-", " ")).join(", ");
    const whose = members === 1 ? "" : ` of ${members} members`;
    const done = progress.state === "finished" && progress.steps <= 1; // what was measured, not trained
    const when = done ? "" : `, ${progress.state} at step ${progress.step} of ${progress.steps}`;
    return `Figure${whose} (${views})${when}`;
  }

  /** @param limit of the points of all latent spaces together; live renderers get them all */
  #payload(sink: ByteSink, limit = Infinity): FigurePayload {
    const { source } = this;
    const every = everyOf(source.members, this.#data.latent, limit);
    const { title, views } = this.#options;
    const columns = labelledColumns(source, this.#options.columns ?? {});
    return {
      version: PAYLOAD_VERSION,
      figure: this.id,
      ensemble: source.id,
      ...(title === undefined ? {} : { title }),
      members: source.members,
      columns: describeColumns({ columns }),
      status: "status",
      views: describeViews({ columns }, views, this.#data, every),
      progress: { ...source.progress },
      selection: this.#selection.toSelection(),
      arrays: {
        ...encodeHyperparameters(source, sink),
        ...encodeLive(source, views, sink),
        ...this.#encodeData(sink, every),
      },
    };
  }

  /** Points of each member that can be chosen. */
  get #pointCount(): number {
    const { latent, images } = this.#data;
    const pictures = images?.of === "points" ? (images.shape.at(-3) ?? 0) : 0;
    return Math.max(latentPointCount(this.source.members, latent), pictures);
  }

  /** What only a new snapshot changes: latent spaces and pictures, where a view shows them. */
  #encodeData(sink: ByteSink, every: number) {
    const { members } = this.source;
    const views = this.#options.views;
    const view = views.find((candidate) => candidate.type === "latent-space");
    const { latent, moments = [] } = this.#data;
    return {
      ...(view && encodeLatent(members, thinned(members, latent, every), colorPacking(view), sink)),
      ...(view && encodeMoments(members, moments, colorPacking(view), sink)),
      ...(views.some(({ type }) => type === "images") && encodeImages(members, this.#data.images, sink)),
    };
  }

  #snapshot(): Message {
    const sink = new BufferSink();
    return { data: { type: "snapshot", payload: this.#payload(sink) }, buffers: sink.buffers };
  }

  #update(): Message {
    const sink = new BufferSink();
    const arrays = encodeLive(this.source, this.#options.views, sink);
    return { data: { type: "update", arrays, progress: { ...this.source.progress } }, buffers: sink.buffers };
  }
}

function checkIndices(noun: string, indices: readonly number[], count: number): void {
  const unknown = indices.find((index) => !Number.isInteger(index) || index < 0 || index >= count);
  if (unknown === undefined) return;
  throw new RangeError(
    `There is no ${noun} ${unknown}: ${count === 0 ? `the figure has no ${noun}s` : `they are 0 to ${count - 1}`}.`,
  );
}
