import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Widget } from "@lumino/widgets";
import type * as Plotly from "plotly.js-dist-min";
import { ContextPool, type HoldsContexts, hasWebGL } from "./webgl.js";

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

/** Types of traces for which plotly.js takes WebGL contexts. */
const ON_WEBGL =
  /gl$|3d$|^(surface|cone|streamtube|isosurface|volume|splom|parcoords)$|^(scatter|density|choropleth)map(box)?$/;

/** Types that plotly.js draws without WebGL, too, with the same attributes. */
const WITHOUT_WEBGL: Readonly<Record<string, "scatter" | "scatterpolar">> = {
  scattergl: "scatter",
  scatterpolargl: "scatterpolar",
};

const NO_WEBGL =
  "This chart of Plotly needs WebGL, which this browser does not offer: hardware acceleration may be off.";
const INSTEAD = "This browser does not offer WebGL: the chart is drawn without, which takes longer for many points.";

const contexts = new ContextPool();

const usesWebGL = (data: readonly Plotly.Data[]): boolean => data.some(({ type }) => ON_WEBGL.test(type ?? ""));

/**
 * Shows a chart of Plotly; plotly.js, 5 MB, is loaded with the first one. A chart on WebGL gives its contexts back while it
 * is out of sight, and when too many others are in sight, and leaves an image in its place, which becomes a chart again under
 * the pointer.
 */
class PlotlyRenderer extends Widget implements IRenderMime.IRenderer, HoldsContexts {
  readonly #chart = document.createElement("div");
  #plotly: typeof Plotly | undefined;
  #figure: PlotlyFigure | undefined;
  #sight: IntersectionObserver | undefined;
  #live = false;

  constructor() {
    super();
    this.addClass("jp-Phasebook-plotly");
    this.node.append(this.#chart);
    this.#chart.addEventListener("pointerenter", () => this.#wake());
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.#plotly ??= await import("plotly.js-dist-min");
    if (this.isDisposed) return;
    const figure = model.data[PLOTLY_MIME] as unknown as PlotlyFigure;
    this.#figure = figure;
    this.#sight?.disconnect();
    if (!usesWebGL(figure.data)) return this.#draw();
    if (!hasWebGL()) return this.#drawWithoutWebGL(figure, model.data["image/png"]);
    this.#chart.style.minHeight = `${figure.layout?.height ?? 450}px`;
    this.#live = false;
    this.#sight = new IntersectionObserver((entries) => this.#show(entries.at(-1)?.isIntersecting ?? false));
    this.#sight.observe(this.node);
  }

  get contexts(): number {
    return this.#live ? this.#chart.querySelectorAll("canvas").length : 0;
  }

  #wake(): void {
    if (this.#sight) this.#show(true);
  }

  #show(isLive: boolean): void {
    contexts.run(async () => {
      try {
        if (this.isDisposed) return;
        if (!isLive) await this.freeze();
        else {
          await contexts.use(this);
          if (!this.#live) await this.#draw();
          await contexts.use(this);
        }
      } catch (error) {
        this.#chart.textContent = `This chart cannot be drawn. ${String(error)}`;
      }
    });
  }

  /** Types of traces that have a twin without WebGL are drawn by that; of others the picture is left that the notebook may hold. */
  async #drawWithoutWebGL(figure: PlotlyFigure, picture: unknown): Promise<void> {
    const data = figure.data.map((trace) => {
      const type = WITHOUT_WEBGL[trace.type ?? ""];
      return type ? ({ ...trace, type } as Plotly.Data) : trace;
    });
    const note = document.createElement("div");
    note.className = "jp-Phasebook-note";
    note.setAttribute("role", "note");
    note.textContent = usesWebGL(data) ? NO_WEBGL : INSTEAD;
    this.node.replaceChildren(note, this.#chart);
    if (!usesWebGL(data)) {
      this.#figure = { ...figure, data };
      await this.#draw();
    } else if (typeof picture === "string") {
      const image = Object.assign(new Image(), { alt: "Chart of Plotly as it was saved" });
      image.src = `data:image/png;base64,${picture}`;
      this.#chart.replaceChildren(image);
    }
  }

  async #draw(): Promise<void> {
    if (!this.#plotly || !this.#figure) return;
    const { data, layout, config, frames = [] } = this.#figure;
    if (!this.#live) this.#chart.replaceChildren();
    this.#live = true;
    await this.#plotly.react(this.#chart, data, { autosize: true, ...layout }, { ...config, responsive: true });
    if (frames.length > 0) await this.#plotly.addFrames(this.#chart, frames);
  }

  /** Puts an image in the chart's place; how it has been turned stays. */
  async freeze(): Promise<void> {
    contexts.leave(this);
    if (!this.#live || !this.#plotly || !this.#figure) return;
    const { clientWidth: width, clientHeight: height } = this.#chart;
    const chart = this.#chart as HTMLElement & Partial<PlotlyFigure>;
    const image = Object.assign(new Image(width, height), { alt: "Chart of Plotly" });
    // A cell that the notebook has taken off the page has no size, and needs no image.
    if (width > 0) image.src = await this.#plotly.toImage(this.#chart, { format: "png", width, height });
    this.#figure = { ...this.#figure, ...(chart.layout && { layout: chart.layout }) };
    this.#plotly.purge(this.#chart);
    this.#live = false;
    this.#chart.replaceChildren(...(width > 0 ? [image] : []));
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.#sight?.disconnect();
      contexts.leave(this);
      this.#plotly?.purge(this.#chart);
    }
    super.dispose();
  }
}
