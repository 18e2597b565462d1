import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { FIGURE_MIME } from "../../src/protocol.js";
import { type PaletteName, paletteColors } from "../../views/palette.js";
import { gallery } from "../figures/gallery.js";
import { SampleEnsemble, sampleFigure } from "../figures/sample.js";
import { launchBrowser } from "../support/browser.js";
import { fromRoot } from "../support/paths.js";
import { type Lab, type LabWindow, cell, command, kernelIsIdle, savedOutput, startLab } from "./lab.js";

let lab: Lab;

before(async () => {
  lab = await startLab();
});

after(() => lab.stop());

/** Bytes of the extension that a page has loaded, by file. */
function loadedFiles(page: Page): Map<string, number> {
  const files = new Map<string, number>();
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (!pathname.includes("/@phasebook/jupyterlab/static/")) return;
    void response.body().then(({ length }) => files.set(pathname, length));
  });
  return files;
}

test("the launcher opens examples and new notebooks; JupyterLab's start loads less than 60 kB for it", async () => {
  const page = await lab.browser.newPage();
  page.setDefaultTimeout(120_000);
  const files = loadedFiles(page);
  await page.goto(lab.jupyter.labUrl());
  const section = page.locator(".jp-Launcher-section").filter({ hasText: "Phasebook" }).last();
  const example = section.getByText("An autoencoder cannot learn the sphere");
  await example.waitFor();
  const bytes = [...files.values()].reduce((sum, size) => sum + size, 0);
  assert.ok(files.size > 0 && bytes < 60_000, `${bytes} bytes at start: ${JSON.stringify([...files])}`);
  const titles = await section.locator(".jp-LauncherCard-label").allInnerTexts();
  const curated = (await readdir(fromRoot("notebooks"))).filter((name) => name.endsWith(".ipynb"));
  assert.equal(titles.length, 1 + curated.length);
  assert.equal(titles[0], "New notebook");

  await command(page, "apputils:activate-command-palette");
  await page.keyboard.type("phasebook new");
  await page.locator(".lm-CommandPalette-item").filter({ hasText: "Phasebook: New Notebook" }).click();
  await page.getByRole("tab", { name: "Untitled.ipynb" }).waitFor();
  await kernelIsIdle(page);

  await page.getByRole("tab", { name: "Launcher" }).click();
  await example.click();
  await page.getByRole("heading", { name: "An autoencoder cannot learn the sphere" }).waitFor();
  await page.locator('[data-view="phase-diagram"]').first().waitFor(); // as the authors saw it
  const file = "A01-sphere.ipynb";
  const copy = JSON.parse(await readFile(join(lab.folder, file), "utf8")) as { cells: unknown[] };
  const original = JSON.parse(await readFile(fromRoot(`notebooks/${file}`), "utf8")) as { cells: unknown[] };
  assert.equal(copy.cells.length, original.cells.length);

  await command(page, "phasebook:open-example", { file: "P03-nuclr.ipynb" });
  await page.getByRole("heading", { name: "Nuclear observables from one shared embedding" }).waitFor();
  const data = "data/ame2020.csv"; // what the example reads comes with it
  assert.deepEqual(await readFile(join(lab.folder, data)), await readFile(fromRoot(`notebooks/${data}`)));

  await page.close();
});

test("the palette that is set acts on open figures at once", async () => {
  const shown = sampleFigure(new SampleEnsemble().advance(1000));
  await lab.writeNotebook("settings.ipynb", "no-such-kernel", [
    cell("1", [savedOutput({ [FIGURE_MIME]: shown.payload })]),
  ]);
  const page = await lab.openPage("settings.ipynb");
  await page.locator(".jp-Dialog").getByRole("button", { name: "No Kernel" }).click();
  const darkest = (palette: PaletteName) =>
    page.locator(`[data-view="phase-diagram"] rect[fill="${paletteColors(palette)[0] ?? ""}"]`).first();
  await darkest("viridis").waitFor();
  const url = `${lab.jupyter.url}/lab/api/settings/@phasebook/jupyterlab:figures`;
  const schema = (await (await fetch(url, { headers: { authorization: `token ${lab.jupyter.token}` } })).json()) as {
    schema: { properties: object };
  };
  assert.deepEqual(Object.keys(schema.schema.properties), ["palette", "maximumPoints"]);

  await command(page, "settingeditor:open", { query: "Phasebook" });
  await page.locator(".jp-SettingsPanel").getByRole("combobox").selectOption("cividis");
  await page.getByRole("tab", { name: "settings.ipynb" }).click();
  await darkest("cividis").waitFor();
  await page.close();
});

test("charts of Plotly show untrusted, with plotly.js loaded for them; Vega's have a picture beside them", async () => {
  const plotly = {
    data: [{ type: "bar", x: ["a", "b"], y: [3, 4] }],
    layout: { title: { text: "<script>globalThis.hacked = true</script>two bars" } },
  };
  const cloud = { data: [{ type: "scatter3d", x: [1, 2], y: [1, 2], z: [1, 2] }], layout: { height: 1100 } };
  const chart = `({ $schema: "https://vega.github.io/schema/vega-lite/v5.json", data: { values: [{ a: 1 }, { a: 2 }] },
  mark: "point", encoding: { x: { field: "a", type: "quantitative" } } })`;
  await lab.writeNotebook("charts.ipynb", "phasebook", [
    cell("1", [savedOutput({ "application/vnd.plotly.v1+json": plotly })]),
    cell(chart),
    cell(
      "22",
      [cloud, cloud].map((data) => savedOutput({ "application/vnd.plotly.v1+json": data })),
    ),
  ]);
  const page = await lab.openPage("charts.ipynb");
  await page.locator(".jp-Phasebook-plotly .bars path").first().waitFor();
  assert.equal(await page.locator(".jp-Phasebook-plotly .bars path").count(), 2);
  assert.equal(await page.evaluate(() => "hacked" in globalThis), false);

  // Charts on WebGL hold contexts only while they are in sight.
  const spaces = page.locator(".jp-Phasebook-plotly").filter({ hasNot: page.locator(".bars") });
  await spaces.nth(0).scrollIntoViewIfNeeded();
  await spaces.nth(0).locator(".gl-container canvas").waitFor();
  await spaces.nth(1).scrollIntoViewIfNeeded();
  await spaces.nth(1).locator(".gl-container canvas").waitFor();
  await spaces.nth(0).locator("img[alt='Chart of Plotly']").waitFor({ state: "attached" });
  assert.equal(await spaces.nth(0).locator("canvas").count(), 0);
  await spaces.nth(0).scrollIntoViewIfNeeded();
  await spaces.nth(0).locator(".gl-container canvas").waitFor();

  await kernelIsIdle(page);
  await page.getByText("vega.github.io").click();
  await command(page, "notebook:run-cell");
  await page.locator(".vega-embed").waitFor(); // JupyterLab's own renderer
  await command(page, "docmanager:save");
  const [, output] = (await lab.readNotebook("charts.ipynb")).cells.map(({ outputs }) => outputs[0]);
  assert.match(String(output?.data["image/svg+xml"]), /^<svg .*<\/svg>$/s);
  await page.close();
});

/** A small chart of Plotly in space, as an output. */
const spaceChart = (type: string, height: number) =>
  savedOutput({
    "application/vnd.plotly.v1+json": {
      data: [{ type, mode: "markers", x: [1, 2, 3], y: [1, 2, 3], z: [1, 3, 2] }],
      layout: { height, margin: { l: 0, r: 0, t: 0, b: 0 } },
    },
  });

test("of twenty charts on WebGL in sight at once, as many live as there are contexts; the others are images until the pointer comes", async () => {
  const charts = Array.from({ length: 20 }, () => spaceChart("scatter3d", 140));
  await lab.writeNotebook("contexts.ipynb", "no-such-kernel", [cell("20", charts)]);
  const page = await lab.browser.newPage({ viewport: { width: 800, height: 4000 } });
  page.setDefaultTimeout(120_000);
  await page.addInitScript(COUNT_LOST_CONTEXTS);
  await page.goto(lab.jupyter.labUrl("contexts.ipynb"));
  await page.locator(".jp-Dialog").getByRole("button", { name: "No Kernel" }).click();
  const outputs = page.locator(".jp-Phasebook-plotly");
  const frozen = outputs.locator("img[alt='Chart of Plotly']");
  await page.waitForFunction(() => {
    const has = (one: { querySelector(selector: string): object | null }, what: string) =>
      one.querySelector(what) !== null;
    type Page = { document: { querySelectorAll(s: string): Iterable<{ querySelector(s: string): object | null }> } };
    const all = [...(globalThis as unknown as Page).document.querySelectorAll(".jp-Phasebook-plotly")];
    const live = all.filter((one) => has(one, ".gl-container canvas"));
    return all.length === 20 && live.length <= 10 && all.every((one) => live.includes(one) || has(one, "img"));
  });
  for (const image of await frozen.all()) {
    const colors = await image.evaluate(countColors);
    assert.ok(colors > 20, `a frozen chart has ${colors} colours`);
  }
  const first = frozen.first();
  const place = await first.evaluate((image) => {
    const all = (globalThis as unknown as { document: { querySelectorAll(s: string): Iterable<unknown> } }).document;
    return [...all.querySelectorAll(".jp-Phasebook-plotly")].findIndex((one) =>
      (one as { contains(other: unknown): boolean }).contains(image),
    );
  });
  await first.hover();
  await outputs.nth(place).locator(".gl-container canvas").waitFor();
  assert.equal(await page.evaluate(() => (globalThis as unknown as { lostContexts: number }).lostContexts), 0);
  await page.close();
});

const COUNT_LOST_CONTEXTS = `globalThis.lostContexts = 0;
document.addEventListener("webglcontextlost", (event) => event.target.isConnected && globalThis.lostContexts++, true);`;

/** How many colours an image has, up to a hundred. */
async function countColors(image: unknown): Promise<number> {
  const shown = image as { decode(): Promise<void>; naturalWidth: number; naturalHeight: number };
  await shown.decode();
  type Context = {
    drawImage(...rest: unknown[]): void;
    getImageData(...box: number[]): { data: { buffer: ArrayBuffer } };
  };
  type Canvas = new (width: number, height: number) => { getContext(kind: string): Context };
  const { OffscreenCanvas: Canvas } = globalThis as unknown as { OffscreenCanvas: Canvas };
  const context = new Canvas(shown.naturalWidth, shown.naturalHeight).getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, shown.naturalWidth, shown.naturalHeight);
  return new Set(new Uint32Array(data.buffer)).size;
}

test("without WebGL all figures draw, and charts of Plotly that need it draw otherwise or say so", async () => {
  const shown = await gallery();
  const figures = Object.values(shown).map(({ payload }) => savedOutput({ [FIGURE_MIME]: payload }));
  await lab.writeNotebook("no-webgl.ipynb", "no-such-kernel", [
    cell("charts", [spaceChart("scatter3d", 200), spaceChart("scattergl", 200)]),
    cell("figures", figures),
  ]);
  const browser = await launchBrowser({ args: ["--disable-3d-apis"] });
  try {
    const page = await browser.newPage({ viewport: { width: 1000, height: 7000 } });
    page.setDefaultTimeout(120_000);
    await page.goto(lab.jupyter.labUrl("no-webgl.ipynb"));
    await page.locator(".jp-Dialog").getByRole("button", { name: "No Kernel" }).click();
    const hasWebGL = await page.evaluate(
      `["webgl", "webgl2"].some((kind) => document.createElement("canvas").getContext(kind) !== null)`,
    );
    assert.equal(hasWebGL, false);
    const charts = page.locator(".jp-Phasebook-plotly");
    await charts.nth(0).getByText("This chart of Plotly needs WebGL, which this browser does not offer").waitFor();
    await charts.nth(1).getByText("the chart is drawn without").waitFor();
    await charts.nth(1).locator(".scatterlayer .point").nth(2).waitFor();
    await page.waitForFunction(areInked, figures.length);
  } finally {
    await browser.close();
  }
});

/** Whether there are figures, this many at least, and all of their views show something. */
function areInked(figures: number): boolean {
  type Context = { getImageData(...box: number[]): { data: Uint8ClampedArray } };
  type Canvas = { width: number; height: number; getContext(kind: string): Context };
  type Page = { document: { querySelectorAll(selector: string): Iterable<Canvas> } };
  const { document } = globalThis as unknown as Page;
  // Bars of histograms are SVG.
  const canvases = [...document.querySelectorAll('[data-view]:not([data-view="histogram"]) canvas')];
  const bars = [...document.querySelectorAll('[data-view="histogram"] .phasebook-overlay > *')];
  const isInked = (canvas: Canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value, at) => at % 4 === 3 && value > 0);
  };
  return bars.length > 0 && canvases.length >= figures && canvases.every(isInked);
}

test("a chart that has its picture is not given another when its notebook is opened", async () => {
  const chart = {
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
    data: { values: [{ a: 1 }, { a: 2 }] },
    mark: "point",
    encoding: { x: { field: "a", type: "quantitative" } },
  };
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"></svg>';
  const bare = { "application/vnd.vegalite.v5+json": chart };
  await lab.writeNotebook("pictured.ipynb", "phasebook", [
    cell("1", [savedOutput({ ...bare, "image/svg+xml": svg })]),
    cell("22", [savedOutput(bare)]),
  ]);
  const page = await lab.openPage("pictured.ipynb");
  // JupyterLab writes a PNG into the second; had it done so with the first, that would have come before.
  const [first, second] = await page
    .waitForFunction(() => {
      const cells = (globalThis as unknown as Partial<LabWindow>).jupyterapp?.shell.currentWidget?.content.model.cells;
      if (cells?.length !== 2) return false; // still loading
      const data = [0, 1].map((index) => cells.get(index).outputs.get(0)?.data ?? {});
      return data[1] && "image/png" in data[1] && data.map((all) => Object.keys(all));
    })
    .then(async (handle) => (await handle.jsonValue()) as string[][]);
  assert.ok(second?.includes("image/png"));
  assert.deepEqual(first, ["application/vnd.vegalite.v5+json", "image/svg+xml", "text/plain"]);
  assert.equal(await page.locator(".vega-embed").count(), 2);
  await page.close();
});
