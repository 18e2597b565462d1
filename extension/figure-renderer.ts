import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import type { Kernel } from "@jupyterlab/services";
import { Widget } from "@lumino/widgets";
import { FIGURE_MIME, type FigurePayload, type Selection, type ToRenderer } from "../src/protocol.js";
import type { ExportFormat } from "../views/dom/exports.js";
import type { SelectionHistory } from "../views/selection.js";
import type * as Drawing from "./drawing.js";
import { FigureConnection } from "./figure-connection.js";
import type { FigureSettings } from "./figure-settings.js";

/** What a renderer reports to the notebook that it is in. */
export interface RendererOwner {
  /** The renderer shows a figure (for the first time, or another one than before). */
  onShown(renderer: FigureRenderer): void;
  /** The selection that the notebook's figures of an ensemble share. */
  selectionOf(ensemble: string): SelectionHistory;
  onDisposed(renderer: FigureRenderer): void;
}

/** Rendering executes nothing of the payload, so untrusted notebooks show their figures too. */
export const figureFactory = (createRenderer: () => FigureRenderer): IRenderMime.IRendererFactory => ({
  safe: true,
  mimeTypes: [FIGURE_MIME],
  createRenderer,
});

/** Shows a figure of a notebook output, and keeps it live while it is attached to a kernel. */
export class FigureRenderer extends Widget implements IRenderMime.IRenderer {
  readonly #settings: FigureSettings;
  readonly #owner: RendererOwner | undefined;
  readonly #unsubscribe: () => void;
  /** Undefined as long as nothing is shown. */
  #identity: string | undefined;
  #drawing: typeof Drawing | undefined;
  #figure: Drawing.MountedFigure | undefined;
  #model: IRenderMime.IMimeModel | undefined;
  #connection: FigureConnection | undefined;
  /** The connection's first snapshot has come; what is chosen since, both sides tell each other. */
  #synchronised = false;
  /** The picture shows more than the notebook holds. */
  #ahead = false;
  #writing = false;

  constructor(settings: FigureSettings, owner?: RendererOwner) {
    super();
    this.#settings = settings;
    this.#owner = owner;
    this.#unsubscribe = settings.subscribe((value) => this.#figure?.configure(value));
    this.addClass("jp-Phasebook-figure");
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.#model = model;
    // What this renderer itself has just written is on the screen already.
    if (this.#writing) return;
    this.#drawing ??= await import("./drawing.js");
    if (!this.isDisposed) this.#show(this.#drawing, model.data[FIGURE_MIME]);
  }

  #show(drawing: typeof Drawing, payload: unknown, buffers: Uint8Array[] = [], keepSelection = false): void {
    try {
      const isOther = (payload as Partial<FigurePayload> | undefined)?.figure !== this.#identity;
      if (this.#figure && !isOther) this.#figure.replace(payload, buffers, keepSelection);
      else this.#mount(drawing, payload, buffers);
    } catch (error) {
      this.#showError(error);
    }
  }

  #mount({ mount }: typeof Drawing, payload: unknown, buffers: Uint8Array[]): void {
    this.#figure?.dispose();
    this.node.replaceChildren();
    const callbacks = {
      onSelect: (selection: Selection) => this.#connection?.send({ type: "select", selection }),
      onChange: () => (this.#ahead = true),
      onDrawn: () => this.#connection?.send({ type: "drawn" }),
    };
    const owner = this.#owner;
    const shared = owner && { selectionOf: (ensemble: string) => owner.selectionOf(ensemble) };
    this.#figure = mount(payload, this.node, callbacks, { buffers, ...shared, settings: this.#settings.value });
    this.#identity = (payload as FigurePayload).figure;
    this.#owner?.onShown(this);
  }

  /** The figure's title, or what it shows. */
  get name(): string {
    return this.#figure?.name ?? "Figure";
  }

  /** Offers the figure as a file. */
  async export(format: ExportFormat): Promise<void> {
    await this.#figure?.export(format);
  }

  #showError(error: unknown): void {
    this.#figure?.dispose();
    this.#figure = undefined;
    const box = document.createElement("div");
    box.className = "jp-Phasebook-error";
    box.setAttribute("role", "alert");
    box.textContent = `This figure cannot be shown. ${error instanceof Error ? error.message : String(error)}`;
    this.node.replaceChildren(box, ...this.#storedPicture());
  }

  /** The picture that the notebook holds beside a figure: as an image it runs nothing, whoever wrote it. */
  #storedPicture(): HTMLElement[] {
    const picture = this.#model?.data["image/svg+xml"];
    if (typeof picture !== "string") return [];
    const image = Object.assign(new Image(), { alt: "The figure as it was saved" });
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture)}`;
    image.style.maxWidth = "100%";
    return [image];
  }

  /** Opens the comm to the kernel side; the renderer starts over from the state that it sends. */
  attach(kernel: Kernel.IKernelConnection): void {
    this.#disconnect();
    if (!this.#identity) return;
    this.#synchronised = false;
    this.#connection = new FigureConnection(kernel, this.#identity, {
      onMessage: (message, buffers) => this.#onMessage(message, buffers),
      onClose: () => this.#forgotten(),
    });
  }

  /** Lets the connection go, and says so with `note`; the picture stays. */
  detach(note: string): void {
    this.#disconnect();
    this.#figure?.note(note);
  }

  #disconnect(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  #onMessage(message: ToRenderer, buffers: Uint8Array[]): void {
    switch (message.type) {
      case "snapshot":
        if (this.#drawing) this.#show(this.#drawing, message.payload, buffers, this.#synchronised);
        this.#synchronised = true;
        this.#figure?.note("");
        return this.#changed(message.payload.progress.state);
      case "update":
        this.#figure?.update(message.arrays, message.progress, buffers);
        return this.#changed(message.progress.state);
      case "select":
        return this.#figure?.select(message.selection);
      case "unknown-figure":
        return this.#forgotten();
    }
  }

  #changed(state: FigurePayload["progress"]["state"]): void {
    this.#ahead = true;
    const stored = this.#model?.data[FIGURE_MIME] as unknown as FigurePayload | undefined;
    // The end of a training that the stored output has missed, because the page was closed when it came.
    const missed = stored?.progress.state === "running" || stored?.progress.state === "waiting";
    if (missed && state !== "running" && state !== "waiting") this.store();
  }

  /** The kernel was restarted since: its figures are other ones. */
  #forgotten(): void {
    this.detach("Not live: run the cell again");
  }

  /** Writes what is on the screen into the notebook's output, so that saving keeps it. */
  store(): void {
    const payload = this.#figure?.payload;
    if (!this.#ahead || !payload || !this.#model || !this.#drawing) return;
    this.#ahead = false;
    const data = {
      ...this.#model.data,
      [FIGURE_MIME]: payload as never,
      "image/svg+xml": this.#drawing.toSVG(payload),
    };
    this.#writing = true;
    this.#model.setData({ data });
    this.#writing = false;
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.#unsubscribe();
    this.detach("");
    this.#figure?.dispose();
    this.#owner?.onDisposed(this);
    super.dispose();
  }
}
