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

/** Shows a chart of Plotly; plotly.js, 5 MB, is loaded with the first one. */
class PlotlyRenderer extends Widget implements IRenderMime.IRenderer {
  #plotly: typeof Plotly | undefined;

  constructor() {
    super();
    this.addClass("jp-Phasebook-plotly");
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.#plotly ??= await import("plotly.js-dist-min");
    if (this.isDisposed) return;
    const { data, layout, config, frames = [] } = model.data[PLOTLY_MIME] as unknown as PlotlyFigure;
    await this.#plotly.react(this.node, data, { autosize: true, ...layout }, { ...config, responsive: true });
    if (frames.length > 0) await this.#plotly.addFrames(this.node, frames);
  }

  override dispose(): void {
    if (!this.isDisposed) this.#plotly?.purge(this.node);
    super.dispose();
  }
}
