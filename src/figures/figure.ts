import { toSVG } from "../../views/index.js";
import {
  type Comm,
  DISPLAY_METHOD,
  FIGURE_MIME,
  type FigurePayload,
  type Json,
  type MimeBundle,
  PAYLOAD_VERSION,
} from "../protocol.js";
import { notebookHost } from "../notebook-host.js";
import { BufferSink, type ByteSink, inlineSink } from "./encode.js";
import { LiveChannel, type Message } from "./live.js";
import {
  type ViewOptions,
  checkLatent,
  describeColumns,
  describeViews,
  encodeHyperparameters,
  encodeLatent,
  encodeLive,
} from "./payload.js";
import { registerFigure, unregisterFigure } from "./registry.js";
import { type SelectionListener, type SharedSelection, selectionOf } from "./selection.js";
import type { FigureSource, LatentPoints } from "./source.js";

export interface FigureOptions {
  title?: string;
  views: readonly ViewOptions[];
  /** Latent spaces that are known already; {@link Figure.setLatent} sets them later. */
  latent?: LatentPoints;
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
  readonly #selection: SharedSelection;
  readonly #live: LiveChannel;
  readonly #listeners = new Set<SelectionListener>();
  readonly #release: (() => void)[] = [];
  #latent: LatentPoints | undefined;
  /** Whether the notebook shows the figure under its id, so that its stored output can be replaced. */
  #displayed = false;
  #storing = false;

  /** @throws {RangeError} when a view names a column that the source does not have */
  constructor(source: FigureSource, options: FigureOptions) {
    this.source = source;
    this.#options = options;
    this.#selection = selectionOf(source);
    this.#live = new LiveChannel({
      snapshot: () => this.#snapshot(),
      update: () => this.#update(),
      onSelect: (members, origin) => this.#choose(members, origin),
    });
    describeViews(source, options.views);
    if (options.latent) this.setLatent(options.latent);
    this.#release.push(this.#selection.subscribe((members, origin) => this.#onSelection(members, origin)));
    if (source.onChange) this.#release.push(source.onChange(() => this.#onChange()));
    registerFigure(this);
  }

  /** The members that are chosen, in the order of choosing. */
  get selection(): readonly number[] {
    return this.#selection.members;
  }

  /**
   * Chooses members in all figures of the same ensemble.
   * @throws {RangeError} when a member does not exist
   */
  select(members: readonly number[]): void {
    this.#choose(members, undefined);
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
    this.#latent = latent;
    this.#live.replaced();
    this.#store();
  }

  /** The whole figure, as a notebook stores it. */
  get payload(): FigurePayload {
    return this.#payload(inlineSink);
  }

  /** The figure as a picture: an SVG document. */
  toSVG(): string {
    return toSVG(this.payload);
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

  /** Accepts a renderer's comm. */
  attach(comm: Comm): void {
    this.#live.attach(comm);
  }

  /** Stops following the ensemble; the output stays as it is. */
  close(): void {
    for (const release of this.#release.splice(0)) release();
    unregisterFigure(this);
  }

  #choose(members: readonly number[], origin: Comm | undefined): void {
    const count = this.source.members;
    const unknown = members.find((member) => !Number.isInteger(member) || member < 0 || member >= count);
    if (unknown !== undefined) throw new RangeError(`There is no member ${unknown}: they are 0 to ${count - 1}.`);
    this.#selection.choose(members, origin);
  }

  #onSelection(members: readonly number[], origin: unknown): void {
    this.#live.selected(members, origin);
    if (origin === undefined) this.#store();
    for (const listener of [...this.#listeners]) listener(members);
  }

  #onChange(): void {
    this.#live.changed();
    this.#store();
  }

  /** Replaces the stored output, once for all changes of this turn, unless the training is still changing it. */
  #store(): void {
    const { state } = this.source.progress;
    if (!this.#displayed || this.#storing || state === "running" || state === "waiting") return;
    this.#storing = true;
    queueMicrotask(() => {
      this.#storing = false;
      notebookHost()?.display(this.#bundle(), { displayId: this.id, update: true });
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
    return `Figure of ${members} members (${views}), ${progress.state} at step ${progress.step} of ${progress.steps}`;
  }

  #payload(sink: ByteSink): FigurePayload {
    const { source } = this;
    const { title, views } = this.#options;
    return {
      version: PAYLOAD_VERSION,
      figure: this.id,
      ensemble: source.id,
      ...(title === undefined ? {} : { title }),
      members: source.members,
      columns: describeColumns(source),
      status: "status",
      views: describeViews(source, views, this.#latent),
      progress: { ...source.progress },
      selection: { members: [...this.#selection.members] },
      arrays: {
        ...encodeHyperparameters(source, sink),
        ...encodeLive(source, views, sink),
        ...this.#encodeLatent(sink),
      },
    };
  }

  #encodeLatent(sink: ByteSink) {
    const view = this.#options.views.find((candidate) => candidate.type === "latent-space");
    return view ? encodeLatent(this.source.members, this.#latent, view.colorScale ?? "linear", sink) : {};
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
