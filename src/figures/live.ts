import {
  type Comm,
  type FromRenderer,
  type Json,
  MAX_UPDATES_PER_SECOND,
  type Selection,
  type ToRenderer,
} from "../protocol.js";

/** A message with its binary buffers. */
export interface Message {
  data: ToRenderer;
  buffers: Uint8Array[];
}

/** What the renderers of one figure are told, and what they tell. */
export interface LiveFigure {
  snapshot(): Message;
  /** What changes while the ensemble trains. */
  update(): Message;
  /** A person chose something in this renderer. */
  onSelect(selection: Selection, origin: Comm): void;
}

interface Renderer {
  comm: Comm;
  /** A message is on its way or being drawn. */
  busy: boolean;
  /** What it has not got yet. */
  news: "none" | "update" | "snapshot";
}

/** Bytes a second that one figure may send: what a page on the same machine decodes beside its other work. */
const MAX_BYTES_PER_SECOND = 20_000_000;

/**
 * Keeps the renderers of a figure up to date: a snapshot when one attaches, then updates, at most
 * {@link MAX_UPDATES_PER_SECOND} a second and never a second one before the first is drawn. With nobody attached it
 * does nothing at all.
 */
export class LiveChannel {
  readonly #figure: LiveFigure;
  readonly #renderers = new Set<Renderer>();
  #resting = false;

  constructor(figure: LiveFigure) {
    this.#figure = figure;
  }

  get attached(): number {
    return this.#renderers.size;
  }

  attach(comm: Comm): void {
    const renderer: Renderer = { comm, busy: false, news: "snapshot" };
    this.#renderers.add(renderer);
    comm.onMessage = (data) => this.#receive(renderer, data);
    comm.onClose = () => this.#renderers.delete(renderer);
    this.#send([renderer], this.#figure.snapshot());
  }

  /** Metrics, states, curves or the progress changed. */
  changed(): void {
    for (const renderer of this.#renderers) if (renderer.news === "none") renderer.news = "update";
    this.#flush();
  }

  /** More than that changed: renderers start afresh from a snapshot. */
  replaced(): void {
    for (const renderer of this.#renderers) renderer.news = "snapshot";
    this.#flush();
  }

  /** Tells all renderers but `origin` what is chosen. */
  selected(selection: Selection, origin: unknown): void {
    const data: ToRenderer = { type: "select", selection };
    for (const { comm } of this.#renderers) if (comm !== origin) comm.send(data as unknown as Json);
  }

  #receive(renderer: Renderer, data: Json): void {
    const message = data as FromRenderer;
    switch (message.type) {
      case "drawn":
        renderer.busy = false;
        this.#flush();
        return;
      case "select":
        this.#figure.onSelect({ points: [], ...message.selection }, renderer.comm);
    }
  }

  #flush(): void {
    if (this.#resting) return;
    const idle = [...this.#renderers].filter((renderer) => !renderer.busy);
    const behind = idle.filter((renderer) => renderer.news === "update");
    const afresh = idle.filter((renderer) => renderer.news === "snapshot");
    if (behind.length > 0) this.#send(behind, this.#figure.update());
    if (afresh.length > 0) this.#send(afresh, this.#figure.snapshot());
  }

  #send(renderers: readonly Renderer[], message: Message): void {
    for (const renderer of renderers) {
      renderer.busy = true;
      renderer.news = "none";
      renderer.comm.send(message.data as unknown as Json, message.buffers);
    }
    this.#rest(message);
  }

  #rest({ buffers }: Message): void {
    const bytes = buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0);
    this.#resting = true;
    const wake = () => {
      this.#resting = false;
      this.#flush();
    };
    setTimeout(wake, 1000 * Math.max(1 / MAX_UPDATES_PER_SECOND, bytes / MAX_BYTES_PER_SECOND));
  }
}
