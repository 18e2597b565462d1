import type { FigureView } from "../src/protocol.js";
import type { PanelOptions } from "./axes.js";
import { curvesPanel, type CurvesPanel } from "./curves.js";
import type { FigureModel } from "./figure-model.js";
import { histogramPanel, type HistogramPanel } from "./histogram.js";
import { imagesPanel, type ImagesPanel } from "./images.js";
import { latentSpacePanel, type LatentSpacePanel } from "./latent-space.js";
import { phaseDiagramPanel, type PhaseDiagramPanel } from "./phase-diagram.js";

export type Panel = PhaseDiagramPanel | CurvesPanel | LatentSpacePanel | HistogramPanel | ImagesPanel;

/** Lays out one view of a figure: axes, legends and the geometry of its marks, for a static picture or a page. */
export function layoutPanel(model: FigureModel, view: FigureView, options: PanelOptions): Panel {
  switch (view.type) {
    case "phase-diagram":
      return phaseDiagramPanel(model, view, options);
    case "curves":
      return curvesPanel(model, view, options);
    case "latent-space":
      return latentSpacePanel(model, view, options);
    case "histogram":
      return histogramPanel(model, view, options);
    case "images":
      return imagesPanel(model, view, options);
  }
}
