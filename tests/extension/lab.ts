/** A JupyterLab with this checkout's kernel and extension, and a browser: one for all tests of a file. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { install } from "../../cli/install.js";
import { FIGURE_MIME, type FigurePayload } from "../../src/protocol.js";
import { launchBrowser } from "../support/browser.js";
import { type JupyterServer, startJupyter } from "../support/jupyter.js";
import { fromRoot } from "../support/paths.js";

export interface Lab {
  readonly jupyter: JupyterServer;
  readonly browser: Browser;
  /** The folder that JupyterLab shows. */
  readonly folder: string;
  writeNotebook(name: string, kernel: string, cells: Cell[]): Promise<void>;
  readNotebook(name: string): Promise<Notebook>;
  /** A page in which nothing takes as long as its patience, however busy the machine. */
  openPage(path?: string): Promise<Page>;
  stop(): Promise<void>;
}

export interface Notebook {
  metadata: Record<string, unknown>;
  cells: { outputs: Output[] }[];
}

export interface Output {
  output_type: string;
  data: Record<string, unknown>;
  metadata?: object;
}

export type Cell = ReturnType<typeof cell>;

export const cell = (source: string, outputs: Output[] = []) => ({
  cell_type: "code",
  id: `cell-${source.length}-${outputs.length}`,
  metadata: {},
  execution_count: null,
  outputs,
  source,
});

/** An output that holds a figure and nothing for others. */
export const savedOutput = (data: Record<string, unknown>): Output => ({
  output_type: "display_data",
  data: { ...data, "text/plain": "saved" },
  metadata: {},
});

/** The figure stored in the output of a notebook's first cell. */
export function storedFigure({ cells }: { cells: { outputs: Output[] }[] }) {
  const outputs = (cells[0]?.outputs ?? []).filter(({ output_type }) => output_type !== "stream");
  const [output] = outputs;
  if (!output) throw new Error("The first cell has no output.");
  return { output, outputs: outputs.length, payload: output.data[FIGURE_MIME] as FigurePayload };
}

interface LabOutputs {
  get(index: number): { data: Record<string, unknown> } | undefined;
}

/** The part of JupyterLab that tests use, as it is exposed in the page. */
export interface LabWindow {
  jupyterapp: {
    commands: { execute(command: string, args?: object): Promise<unknown> };
    shell: {
      currentWidget: null | {
        content: {
          model: { cells: { length: number; get(index: number): { trusted: boolean; outputs: LabOutputs } } };
        };
        sessionContext: {
          session: {
            kernel: { status: string; restart(): Promise<void>; reconnect(): Promise<void> } | null;
          } | null;
          shutdown(): Promise<void>;
        };
      };
    };
  };
}

export const command = (page: Page, name: string, args: object = {}): Promise<unknown> =>
  page.evaluate(([id, values]) => (globalThis as unknown as LabWindow).jupyterapp.commands.execute(id, values), [
    name,
    args,
  ] as const);

/** Resolves once the notebook has a kernel that waits for cells; before that, running one asks which kernel to take. */
export async function kernelIsIdle(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const panel = (globalThis as unknown as Partial<LabWindow>).jupyterapp?.shell.currentWidget;
    return panel?.sessionContext.session?.kernel?.status === "idle";
  });
}

/** What the console of each page has said. */
const consoles = new WeakMap<Page, string[]>();

/** Waits for something to appear; where it does not, the error tells what the notebook shows, and what the page said last. */
export async function appears(wanted: Locator): Promise<void> {
  try {
    await wanted.waitFor();
  } catch (error) {
    const page = wanted.page();
    const outputs = await page.locator(".jp-Cell-outputArea").allInnerTexts();
    const kernel = await page.evaluate(() => {
      const { currentWidget } = (globalThis as unknown as LabWindow).jupyterapp.shell;
      return currentWidget?.sessionContext.session?.kernel?.status;
    });
    const said = consoles.get(page)?.slice(-20).join("\n");
    const state = `The kernel is ${kernel}; the outputs are ${JSON.stringify(outputs)}; the console said\n${said}`;
    throw new Error(`${String(error)}\n${state}`, { cause: error });
  }
}

/** @param disabled Extensions, or first parts of plugins' names, that this JupyterLab does not use, though they are installed. */
export async function startLab({ disabled = [] }: { disabled?: string[] } = {}): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), "phasebook-lab-"));
  const data = await mkdtemp(join(tmpdir(), "phasebook-data-"));
  install({ dataFolder: data, packageRoot: fromRoot("."), nodePath: process.execPath });
  const config = join(data, "config");
  await mkdir(join(config, "labconfig"), { recursive: true });
  const disabledExtensions = Object.fromEntries(disabled.map((name) => [name, true]));
  await writeFile(join(config, "labconfig", "page_config.json"), JSON.stringify({ disabledExtensions }));
  const env = { JUPYTER_PATH: data, JUPYTER_CONFIG_PATH: config };
  const [jupyter, browser] = await Promise.all([
    startJupyter({ folder, args: ["--LabApp.expose_app_in_browser=True"], env }),
    launchBrowser(),
  ]);
  return {
    jupyter,
    browser,
    folder,
    writeNotebook: (name, kernel, cells) => {
      const kernelspec = { name: kernel, display_name: kernel, language: "typescript" };
      const notebook = { nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells };
      return writeFile(join(folder, name), JSON.stringify(notebook));
    },
    readNotebook: async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as Notebook,
    openPage: async (path) => {
      const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
      page.setDefaultTimeout(120_000);
      const said: string[] = [];
      page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
      consoles.set(page, said);
      await page.goto(jupyter.labUrl(path));
      return page;
    },
    stop: async () => {
      await browser.close();
      await jupyter.stop();
      await Promise.all([folder, data].map((path) => rm(path, { recursive: true })));
    },
  };
}
