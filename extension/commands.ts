import type { JupyterFrontEnd } from "@jupyterlab/application";
import { InputDialog, showErrorMessage } from "@jupyterlab/apputils";
import type { LabIcon } from "@jupyterlab/ui-components";
import type { ExportFormat } from "../views/dom/exports.js";
import { type Example, copyExample } from "./examples.js";
import type { FigureRenderer } from "./figure-renderer.js";

/** Name of the kernel, in kernelspecs and in notebooks. */
export const KERNEL_NAME = "phasebook";

export const COMMANDS = {
  newNotebook: "phasebook:new-notebook",
  openExample: "phasebook:open-example",
  exportFigure: "phasebook:export-figure",
} as const;

const FORMATS: Record<string, ExportFormat> = { "Image (PNG)": "png", "Drawing (SVG)": "svg", "Table (CSV)": "csv" };

/** What the commands need of the application around them. */
export interface Surroundings {
  icon: () => LabIcon;
  examples: () => readonly Example[];
  /** Figures of the notebook in front, the one meant most likely first. */
  figures: () => readonly FigureRenderer[];
  /** The folder that the file browser shows. */
  folder: () => string;
}

/** Adds the commands "new notebook", "open example" and "export figure". */
export function addCommands(app: JupyterFrontEnd, { icon, examples, figures, folder }: Surroundings): void {
  const { commands, serviceManager } = app;
  commands.addCommand(COMMANDS.newNotebook, {
    label: ({ isPalette }) => (isPalette ? "Phasebook: New Notebook" : "New notebook"),
    caption: "A notebook in TypeScript, with Phasebook's kernel",
    icon,
    execute: ({ cwd }) =>
      commands.execute("notebook:create-new", { kernelName: KERNEL_NAME, cwd: text(cwd) ?? folder() }),
  });
  commands.addCommand(COMMANDS.openExample, {
    label: ({ title }) => text(title) ?? "Phasebook: Open Example…",
    caption: "Copies a curated notebook and its data into the folder that is shown, and opens it",
    icon,
    isEnabled: () => examples().length > 0,
    execute: async ({ file, cwd }) => {
      const chosen = text(file) ?? (await askForExample(examples()));
      if (chosen === undefined) return;
      const example = examples().find((one) => one.file === chosen);
      if (!example) throw new Error(`There is no example ${chosen}.`);
      const path = await copyExample(example, text(cwd) ?? folder(), serviceManager.contents);
      await commands.execute("docmanager:open", { path });
    },
  });
  commands.addCommand(COMMANDS.exportFigure, {
    label: "Phasebook: Export Figure…",
    caption: "Offers a figure of the notebook as a file",
    isEnabled: () => figures().length > 0,
    execute: async ({ format }) => {
      const figure = await chooseFigure(figures());
      const chosen = figure && (text(format) ?? (await askForFormat()));
      if (!figure || chosen === undefined) return;
      await figure
        .export(chosen as ExportFormat)
        .catch((error: unknown) => showErrorMessage("No export", String(error)));
    },
  });
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

async function askForExample(examples: readonly Example[]): Promise<string | undefined> {
  const items = examples.map(({ title }) => title);
  const { value } = await InputDialog.getItem({ title: "Open Example", items, okLabel: "Open" });
  return examples.find(({ title }) => title === value)?.file;
}

async function askForFormat(): Promise<ExportFormat | undefined> {
  const { value } = await InputDialog.getItem({
    title: "Export Figure",
    items: Object.keys(FORMATS),
    okLabel: "Export",
  });
  return value === null ? undefined : FORMATS[value];
}

/** The only figure, or the one with the keyboard's focus, or whichever the person names. */
async function chooseFigure(figures: readonly FigureRenderer[]): Promise<FigureRenderer | undefined> {
  const focused = figures.find(({ node }) => node.contains(document.activeElement));
  if (focused ?? figures.length < 2) return focused ?? figures[0];
  const names = figures.map((figure, index) => `${index + 1}. ${figure.name}`);
  const { value } = await InputDialog.getItem({ title: "Which figure?", items: names, okLabel: "Next" });
  return value === null ? undefined : figures[names.indexOf(value)];
}
