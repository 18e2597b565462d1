import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { IDefaultFileBrowser } from "@jupyterlab/filebrowser";
import { ILauncher } from "@jupyterlab/launcher";
import { INotebookTracker, type NotebookPanel } from "@jupyterlab/notebook";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { notebookIcon } from "@jupyterlab/ui-components";
import { guardFigureKeys } from "../views/dom/shortcut-guard.js";
import { keepChartsAsTheyAre } from "./chart-pictures.js";
import { COMMANDS, addCommands } from "./commands.js";
import { type Example, listExamples } from "./examples.js";
import { FigureRenderer, figureFactory } from "./figure-renderer.js";
import { FigureSettings, IFigureSettings, SETTINGS_PLUGIN } from "./figure-settings.js";
import { addLateRenderer } from "./late-renderer.js";
import { addLauncherItems, kernelIcon } from "./launcher.js";
import { figuresOf, linkFigures } from "./notebook-figures.js";
import { plotlyFactory } from "./plotly-renderer.js";

/** The settings that people see in JupyterLab's editor of settings. */
const settings: JupyterFrontEndPlugin<FigureSettings> = {
  id: SETTINGS_PLUGIN,
  description: "How Phasebook's figures look.",
  autoStart: true,
  provides: IFigureSettings,
  optional: [ISettingRegistry],
  activate: (_app, registry: ISettingRegistry | null) => {
    const figureSettings = new FigureSettings();
    if (registry) void figureSettings.follow(registry);
    return figureSettings;
  },
};

/** Renders figures wherever outputs are shown, trusted or not, with or without a kernel. */
const renderer: JupyterFrontEndPlugin<void> = {
  id: "phasebook:renderer",
  description: "Renders Phasebook's figures.",
  autoStart: true,
  requires: [IRenderMimeRegistry, IFigureSettings],
  activate: (_app, registry: IRenderMimeRegistry, figureSettings: FigureSettings) => {
    registry.addFactory(
      figureFactory(() => new FigureRenderer(figureSettings)),
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
  requires: [INotebookTracker, IFigureSettings],
  activate: (_app, tracker: INotebookTracker, figureSettings: FigureSettings) => {
    // Panels are announced before their outputs exist, so every output finds the factory that is bound to its notebook.
    const adopt = (panel: NotebookPanel) => {
      linkFigures(panel, figureSettings);
      keepChartsAsTheyAre(panel.content.rendermime);
    };
    tracker.widgetAdded.connect((_, panel) => adopt(panel));
    tracker.forEach(adopt);
  },
};

/** Shows charts of Plotly where no other extension does. */
const plotly: JupyterFrontEndPlugin<void> = {
  id: "phasebook:plotly",
  description: "Renders charts of Plotly, unless another extension does.",
  autoStart: true,
  requires: [IRenderMimeRegistry, INotebookTracker],
  activate: (app, registry: IRenderMimeRegistry, tracker: INotebookTracker) => {
    void app.restored.then(() => addLateRenderer(plotlyFactory, registry, tracker));
  },
};

/** Commands for the palette, and a section of the launcher with the curated notebooks. */
const commands: JupyterFrontEndPlugin<void> = {
  id: "phasebook:commands",
  description: "Opens new notebooks and examples, and exports figures.",
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ICommandPalette, ILauncher, IDefaultFileBrowser],
  activate: (
    app,
    tracker: INotebookTracker,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    browser: IDefaultFileBrowser | null,
  ) => {
    let icon = notebookIcon;
    let examples: readonly Example[] = [];
    addCommands(app, {
      icon: () => icon,
      examples: () => examples,
      figures: () => (tracker.currentWidget ? figuresOf(tracker.currentWidget) : []),
      folder: () => browser?.model.path ?? "",
    });
    for (const command of Object.values(COMMANDS)) {
      palette?.addItem({ command, category: "Phasebook", args: { isPalette: true } });
    }
    void app.restored.then(async () => {
      [icon, examples] = await Promise.all([kernelIcon(app), listExamples()]);
      app.commands.notifyCommandChanged();
      if (launcher) addLauncherItems(launcher, examples);
    });
  },
};

export default [settings, renderer, live, plotly, commands];
