import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { FIGURE_MIME } from "../../src/protocol.js";
import { type PaletteName, paletteColors } from "../../views/palette.js";
import { SampleEnsemble, sampleFigure } from "../figures/sample.js";
import { fromRoot } from "../support/paths.js";
import { type Lab, cell, command, kernelIsIdle, savedOutput, startLab } from "./lab.js";

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
