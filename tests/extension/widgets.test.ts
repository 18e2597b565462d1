/** Jupyter widgets of others, and figures as widgets, in a JupyterLab that does not use this project's extension. */
import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { FIGURE_MIME, type FigurePayload } from "../../src/protocol.js";
import { fromRoot, venvPython } from "../support/paths.js";
import { run } from "../support/run.js";
import { appears, type Lab, type LabWindow, cell, command, kernelIsIdle, startLab } from "./lab.js";

let lab: Lab;

before(async () => {
  lab = await startLab({ disabled: ["@phasebook/jupyterlab", "phasebook"] });
});

after(() => lab.stop());

const WIDGET = "application/vnd.jupyter.widget-view+json";
const WIDGET_STATE = "application/vnd.jupyter.widget-state+json";

/** A notebook of this kernel with these cells, open and with its kernel idle. */
async function openNotebook(name: string, sources: string[]): Promise<Page> {
  await lab.writeNotebook(
    name,
    "phasebook",
    sources.map((source) => ({ ...cell(source), id: `${source.length}` })),
  );
  const page = await lab.openPage(name);
  await kernelIsIdle(page);
  return page;
}

const runAll = (page: Page): Promise<unknown> => command(page, "notebook:run-all-cells");

/** The outputs of the notebook's cell of that index. */
const outputs = (page: Page, index: number): Locator =>
  page.locator(".jp-Notebook .jp-Cell").nth(index).locator(".jp-Cell-outputArea");

/** Runs code in a new cell at the end. */
async function runCode(page: Page, code: string): Promise<Locator> {
  const count = await page.locator(".jp-Notebook .jp-Cell").count();
  await command(page, "notebook:move-cursor-down");
  await page.evaluate(async (source) => {
    const { commands, shell } = (globalThis as unknown as LabWindow).jupyterapp;
    const content = shell.currentWidget?.content as unknown as {
      activeCellIndex: number;
      widgets: unknown[];
      activeCell: { model: { sharedModel: { setSource(text: string): void } } };
    };
    content.activeCellIndex = content.widgets.length - 1;
    await commands.execute("notebook:insert-cell-below");
    content.activeCell.model.sharedModel.setSource(source);
    await commands.execute("notebook:run-cell");
  }, code);
  return outputs(page, count);
}

const colorOf = (node: object): string =>
  (globalThis as unknown as { getComputedStyle(node: object): { color: string } }).getComputedStyle(node).color;

test("a counter: opened, updated and listened to from TypeScript, with messages and bytes both ways", async () => {
  await copyFile(fromRoot("tests/extension/counter.js"), join(lab.folder, "counter.js"));
  const page = await openNotebook("counter.ipynb", [
    `import { widget } from "phasebook";
const counter = widget({ _esm: "counter.js", _css: ".counter { color: rgb(200, 0, 100) }", state: { value: 40 } });
counter.on("change:value", (value) => console.log("value", value));
counter.on("msg:custom", (content, [bytes]) => console.log("heard", content.heard, bytes.getUint8(0)));
counter`,
  ]);
  await runAll(page);
  const button = outputs(page, 0).locator("button.counter");
  await button.click();
  await outputs(page, 0).getByText("value 41").waitFor();
  assert.equal(await button.evaluate(colorOf), "rgb(200, 0, 100)");
  await runCode(
    page,
    `counter.set("value", counter.get("value") + 100); counter.send({ shout: "hey" }, [new Uint8Array([6])]);`,
  );
  await button.getByText("count is 141").waitFor();
  await outputs(page, 0).getByText("heard hey 7").waitFor();
  assert.equal(await button.getAttribute("title"), "hey 6");
  await button.click();
  await outputs(page, 0).getByText("value 142").waitFor();
  await page.close();
});

/** The part of a canvas that this file uses, in a project that knows no page. */
interface Canvas {
  getContext(kind: "2d"): { getImageData(x: number, y: number, width: number, height: number): { data: number[] } };
}

/** Brightness of the first four blocks of a canvas of bitjet's, 8 pixels wide each. */
const blocksOf = (node: object): (number | undefined)[] => {
  const context = (node as Canvas).getContext("2d");
  return [0, 1, 2, 3].map((x) => context.getImageData(x * 8 + 4, 4, 1, 1).data[0]);
};

test("bitjet, a published anywidget whose state is bytes; another page gets its state from the kernel", async () => {
  const { output } = await run(venvPython, [
    "-c",
    "import bitjet, pathlib; print(pathlib.Path(bitjet.__file__).parent)",
  ]);
  const esm = join(output.trim(), "static", "bitjet.js");
  const page = await openNotebook("bitjet.ipynb", [
    `import { widget } from "phasebook";
const state = { data: Uint8Array.of(10, 20, 30, 40), datawidth: 4, block_size: 8, mode: "byte" };
const bytes = widget({ _esm: ${JSON.stringify(esm)}, state });
bytes.on("change:datawidth", (width) => console.log("set to", width));
bytes`,
  ]);
  await runAll(page);
  await page.getByText("4 bytes · 4 × 1 bytes").waitFor();
  assert.deepEqual(await outputs(page, 0).locator("canvas").evaluate(blocksOf), [10, 20, 30, 40]);
  await runCode(page, `bytes.set("data", Uint8Array.of(50, 60, 70, 80, 90));`);
  await page.getByText("5 bytes · 4 × 2 bytes").waitFor();
  await outputs(page, 0).locator('[data-role="width"]').fill("5");
  await outputs(page, 0).getByText("set to 5").waitFor();
  await command(page, "docmanager:save");
  await page.reload();
  await page.getByText("5 bytes · 5 × 1 bytes").waitFor();
  assert.deepEqual(await outputs(page, 0).locator("canvas").evaluate(blocksOf), [50, 60, 70, 80]);
  await page.close();
});

test("a slider of ipywidgets' own, by the names of its classes", async () => {
  const page = await openNotebook("slider.ipynb", [
    `import { widget } from "phasebook";
const classes = { _model_module: "@jupyter-widgets/controls", _model_module_version: "2.0.0", _model_name: "IntSliderModel", _view_name: "IntSliderView" };
const width = widget({ ...classes, state: { value: 3, min: 0, max: 9, description: "width" } });
width.on("change:value", (value) => console.log("width", value));
width`,
  ]);
  await runAll(page);
  await outputs(page, 0).locator(".noUi-handle").press("ArrowRight");
  await outputs(page, 0).getByText("width 4", { exact: true }).waitFor();
  await page.close();
});

const TRAINING = `import { figure, grid, mlp, seeds, sgd, train } from "phasebook";
const net = mlp([1, 4, 1]);
const run = train({
  members: grid({ learningRate: [0.001, 0.01, 0.1], seed: seeds(3) }),
  init: ({ key }) => net.init(key),
  loss: (parameters, { key }) => {
    const x = key.uniform([16, 1], -1, 1);
    return net.apply(parameters, x).sub(x.square()).square().mean();
  },
  optimizer: ({ learningRate }) => sgd({ learningRate }),
  steps: 2e7,
});
const shown = figure(run, {
  title: "As a widget",
  views: [{ type: "phase-diagram", x: "learningRate", y: "seed", color: "loss" }, { type: "curves", metric: "loss" }],
});
shown.on("select", (members) => console.log("chosen", members.join()));
shown.toWidget()`;

test("a figure as a widget: live, selected from both sides, and there when the saved notebook is opened again", async () => {
  const page = await openNotebook("figure.ipynb", [TRAINING]);
  await command(page, "@jupyter-widgets/jupyterlab-manager:saveWidgetState");
  await runAll(page);
  const figure = outputs(page, 0);
  const step = figure.getByText(/^Running · step [\d,.×⁰-⁹]+ of/);
  const before = await step.innerText();
  await figure.getByText(before, { exact: true }).waitFor({ state: "detached" });
  assert.equal(await page.locator(".jp-Phasebook-figure").count(), 0, "the extension is disabled");
  await runCode(page, "run.stop(); await run.finished; shown.select([4]);");
  await figure.getByText("Member 4 (stopped)").waitFor();
  const diagram = figure.locator('[data-view="phase-diagram"]');
  await diagram.click({ position: { x: 90, y: 60 } });
  await figure.getByText("chosen 2").waitFor();
  for (const key of ["ArrowRight", "Enter"]) await diagram.press(key); // JupyterLab would start editing the cell
  await figure.getByText(/chosen 2\s+chosen 5/).waitFor();
  await figure.getByText("Member 5 (stopped)").waitFor();
  await command(page, "docmanager:save");
  const saved = await lab.readNotebook("figure.ipynb");
  const output = saved.cells[0]?.outputs.find(
    ({ output_type, data }) => output_type === "display_data" && WIDGET in data,
  );
  assert.match(String(output?.data["image/svg+xml"]), /^<svg /);
  assert.equal((output?.data[FIGURE_MIME] as FigurePayload).progress.state, "stopped");
  const { model_id } = output?.data[WIDGET] as { model_id: string };
  const widgets = saved.metadata["widgets"] as { [type: string]: { state: object } } | undefined;
  assert.ok(model_id in (widgets?.[WIDGET_STATE]?.state ?? {}), "the notebook has the figure's state");

  // Another kernel, which knows nothing of it: the state is the notebook's.
  await page.evaluate(() =>
    (globalThis as unknown as LabWindow).jupyterapp.shell.currentWidget?.sessionContext.shutdown(),
  );
  await page.close();
  const later = await lab.openPage("figure.ipynb");
  await kernelIsIdle(later);
  await appears(outputs(later, 0).locator('[data-view="phase-diagram"]'));
  await appears(outputs(later, 0).getByText("Member 5 (stopped)"));
  await later.close();
});
