import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { INotebookTracker } from "@jupyterlab/notebook";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { FigureRenderer, figureFactory } from "./figure-renderer.js";
import { linkFigures } from "./notebook-figures.js";
import { guardFigureKeys } from "./shortcut-guard.js";

/** Renders figures wherever outputs are shown, trusted or not, with or without a kernel. */
const renderer: JupyterFrontEndPlugin<void> = {
  id: "phasebook:renderer",
  description: "Renders Phasebook's figures.",
  autoStart: true,
  requires: [IRenderMimeRegistry],
  activate: (_app, registry: IRenderMimeRegistry) => {
    registry.addFactory(
      figureFactory(() => new FigureRenderer()),
      0,
    );
    guardFigureKeys(window);
  },
};

/** Links the figures of each notebook to one another and to its kernel. */
const live: JupyterFrontEndPlugin<void> = {
  id: "phasebook:live",
  description: "Keeps Phasebook's figures in notebooks live.",
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_app, tracker: INotebookTracker) => {
    // Panels are announced before their outputs exist, so every output finds the factory that is bound to its notebook.
    tracker.widgetAdded.connect((_, panel) => linkFigures(panel));
    tracker.forEach(linkFigures);
  },
};

export default [renderer, live];
