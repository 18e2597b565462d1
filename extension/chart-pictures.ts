import type { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";

const CHARTS = ["application/vnd.vega.v5+json", "application/vnd.vegalite.v5+json"];
const PICTURE = "image/svg+xml";
/** The place that JupyterLab gives to its own renderer of charts: before pictures. */
const RANK = 57;

/**
 * Leaves charts as they are when they are shown. JupyterLab's renderer of Vega writes a PNG into each that has none, so that a
 * notebook that was only opened has unsaved changes; those with a picture of their own, as this kernel makes it, need no other.
 */
export function keepChartsAsTheyAre(rendermime: IRenderMimeRegistry): void {
  for (const mimeType of CHARTS) {
    const factory = rendermime.getFactory(mimeType);
    if (!factory) continue;
    const createRenderer = (options: IRenderMime.IRendererOptions) => withoutWriting(factory.createRenderer(options));
    rendermime.addFactory({ ...factory, mimeTypes: [mimeType], createRenderer }, RANK);
  }
}

function withoutWriting(renderer: IRenderMime.IRenderer): IRenderMime.IRenderer {
  const render = renderer.renderModel.bind(renderer);
  renderer.renderModel = (model) => render(PICTURE in model.data ? pictured(model) : model);
  return renderer;
}

/** The same output as one that has a PNG already. */
const pictured = (model: IRenderMime.IMimeModel): IRenderMime.IMimeModel => ({
  trusted: model.trusted,
  metadata: model.metadata,
  data: { ...model.data, "image/png": model.data[PICTURE] ?? "" },
  setData: (options) => model.setData(options),
});
