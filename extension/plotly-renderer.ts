import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Widget } from "@lumino/widgets";
import type * as Plotly from "plotly.js-dist-min";

export const PLOTLY_MIME = "application/vnd.plotly.v1+json";

/** What an output of Plotly's libraries, in any language, holds. */
interface PlotlyFigure {
  data: Plotly.Data[];
  layout?: Partial<Plotly.Layout>;
  config?: Partial<Plotly.Config>;
  frames?: Partial<Plotly.Frame>[];
}

/** Charts of Plotly hold data and run nothing, so untrusted notebooks show them too. */
export const plotlyFactory: IRenderMime.IRendererFactory = {
  safe: true,
  mimeTypes: [PLOTLY_MIME],
  createRenderer: () => new PlotlyRenderer(),
};

/** Types of traces for which plotly.js takes WebGL contexts, of which a page has sixteen. */
const ON_WEBGL = /gl$|3d$|^(surface|cone|streamtube|isosurface|volume|splom|parcoords)$/;

/**
 * Shows a chart of Plotly; plotly.js, 5 MB, is loaded with the first one. A chart on WebGL gives its contexts back while it
 * is out of sight, and leaves an image in its place.
 */
class PlotlyRenderer extends Widget implements IRenderMime.IRenderer {
  #plotly: typeof Plotly | undefined;
  #figure: PlotlyFigure | undefined;
  #sight: IntersectionObserver | undefined;
  /** One after the other, however fast a page is scrolled. */
  #work: Promise<unknown> = Promise.resolve();
  #live = false;

  constructor() {
    super();
    this.addClass("jp-Phasebook-plotly");
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.#plotly ??= await import("plotly.js-dist-min");
    if (this.isDisposed) return;
    const figure = model.data[PLOTLY_MIME] as unknown as PlotlyFigure;
    this.#figure = figure;
    this.#sight?.disconnect();
    if (!figure.data.some(({ type }) => ON_WEBGL.test(type ?? ""))) return this.#draw();
    this.node.style.minHeight = `${figure.layout?.height ?? 450}px`;
    this.#live = false;
    this.#sight = new IntersectionObserver((entries) => this.#onSight(entries.at(-1)?.isIntersecting ?? false));
    this.#sight.observe(this.node);
  }

  #onSight(isSeen: boolean): void {
    this.#work = this.#work
      .then(() => (isSeen === this.#live || this.isDisposed ? undefined : isSeen ? this.#draw() : this.#freeze()))
      .catch((error: unknown) => (this.node.textContent = `This chart cannot be drawn. ${String(error)}`));
  }

  async #draw(): Promise<void> {
    if (!this.#plotly || !this.#figure) return;
    const { data, layout, config, frames = [] } = this.#figure;
    if (!this.#live) this.node.replaceChildren();
    this.#live = true;
    await this.#plotly.react(this.node, data, { autosize: true, ...layout }, { ...config, responsive: true });
    if (frames.length > 0) await this.#plotly.addFrames(this.node, frames);
  }

  /** Puts an image in the chart's place; how it has been turned stays. */
  async #freeze(): Promise<void> {
    if (!this.#plotly || !this.#figure) return;
    const { clientWidth: width, clientHeight: height } = this.node;
    const chart = this.node as HTMLElement & Partial<PlotlyFigure>;
    const image = Object.assign(new Image(width, height), { alt: "Chart of Plotly" });
    // A cell that the notebook has taken off the page has no size, and needs no image.
    if (width > 0) image.src = await this.#plotly.toImage(this.node, { format: "png", width, height });
    this.#figure = { ...this.#figure, ...(chart.layout && { layout: chart.layout }) };
    this.#plotly.purge(this.node);
    this.#live = false;
    this.node.replaceChildren(...(width > 0 ? [image] : []));
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.#sight?.disconnect();
      this.#plotly?.purge(this.node);
    }
    super.dispose();
  }
}
