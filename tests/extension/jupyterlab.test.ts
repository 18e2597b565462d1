import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Locator, Page } from "playwright-core";
import { install } from "../../cli/install.js";
import { FIGURE_MIME, type FigurePayload } from "../../src/protocol.js";
import { launchBrowser } from "../support/browser.js";
import { type JupyterServer, startJupyter } from "../support/jupyter.js";
import { fromRoot } from "../support/paths.js";
import { SampleEnsemble, sampleFigure } from "../figures/sample.js";

let folder: string;
/** Jupyter's data folder with this checkout's kernel and extension. */
let data: string;
let jupyter: JupyterServer;
let browser: Browser;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "phasebook-figures-"));
  data = await mkdtemp(join(tmpdir(), "phasebook-data-"));
  install({ dataFolder: data, packageRoot: fromRoot("."), nodePath: process.execPath });
  [jupyter, browser] = await Promise.all([
    startJupyter({ folder, args: ["--LabApp.expose_app_in_browser=True"], env: { JUPYTER_PATH: data } }),
    launchBrowser(),
  ]);
});

after(async () => {
  await browser.close();
  await jupyter.stop();
  await Promise.all([folder, data].map((path) => rm(path, { recursive: true })));
});

interface Output {
  output_type: string;
  data: Record<string, unknown>;
  metadata?: object;
}

const cell = (source: string, outputs: Output[] = []) => ({
  cell_type: "code",
  id: `cell-${source.length}-${outputs.length}`,
  metadata: {},
  execution_count: null,
  outputs,
  source,
});

async function writeNotebook(name: string, kernel: string, cells: ReturnType<typeof cell>[]): Promise<void> {
  const kernelspec = { name: kernel, display_name: kernel, language: "typescript" };
  await writeFile(
    join(folder, name),
    JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells }),
  );
}

/** The figure stored in the output of a saved notebook's first cell. */
async function storedFigure(name: string): Promise<{ output: Output; payload: FigurePayload; outputs: number }> {
  const { cells } = JSON.parse(await readFile(join(folder, name), "utf8")) as { cells: { outputs: Output[] }[] };
  const outputs = (cells[0]?.outputs ?? []).filter(({ output_type }) => output_type !== "stream");
  const output = outputs[0];
  assert.ok(output);
  return { output, payload: output.data[FIGURE_MIME] as FigurePayload, outputs: outputs.length };
}

/** The part of JupyterLab that tests use, as it is exposed in the page. */
interface LabWindow {
  jupyterapp: {
    commands: { execute(command: string): Promise<unknown> };
    shell: {
      currentWidget: null | {
        content: { model: { cells: { get(index: number): { trusted: boolean } } } };
        sessionContext: { session: { kernel: { status: string; restart(): Promise<void> } | null } | null };
      };
    };
  };
}

const command = (page: Page, name: string): Promise<unknown> =>
  page.evaluate((id) => (globalThis as unknown as LabWindow).jupyterapp.commands.execute(id), name);

/** Resolves once the notebook has a kernel that waits for cells; before that, running one asks which kernel to take. */
async function kernelIsIdle(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const panel = (globalThis as unknown as Partial<LabWindow>).jupyterapp?.shell.currentWidget;
    return panel?.sessionContext.session?.kernel?.status === "idle";
  });
}

/** A page in which nothing takes as long as this, however busy the machine. */
async function openPage(): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
  page.setDefaultTimeout(120_000);
  return page;
}

const phaseDiagram = (page: Page): Locator => page.locator('[data-view="phase-diagram"]');
const details = (page: Page): Locator => page.locator(".phasebook-details");

test("a saved figure shows and can be explored, untrusted and without a kernel", async () => {
  const shown = sampleFigure(new SampleEnsemble().advance(1000));
  shown.select([61]);
  const bundle = { [FIGURE_MIME]: shown.payload, "image/svg+xml": shown.toSVG(), "text/plain": "Figure" };
  const output = { output_type: "display_data", data: bundle, metadata: {} };
  await writeNotebook("saved.ipynb", "no-such-kernel", [cell("first", [output]), cell("second one", [output])]);
  const page = await openPage();
  await page.goto(jupyter.labUrl("saved.ipynb"));
  await page.locator(".jp-Dialog").getByRole("button", { name: "No Kernel" }).click();
  await details(page).first().getByText("Member 61 (finished)").waitFor();
  const trusted = await page.evaluate(
    () => (globalThis as unknown as LabWindow).jupyterapp.shell.currentWidget?.content.model.cells.get(0).trusted,
  );
  assert.equal(trusted, false);
  await phaseDiagram(page)
    .first()
    .click({ position: { x: 150, y: 100 } });
  const member = details(page).first().locator(".phasebook-member");
  await member.getByText(/^Member (?!61 )\d+ \(finished\)$/).waitFor();
  const chosen = await member.innerText();
  await details(page).nth(1).getByText(chosen).waitFor(); // the other figure of the same ensemble follows
  await page.close();
});

test("a live figure follows the kernel, reaches it, survives a reload and a restart", async () => {
  const from = (path: string): string => JSON.stringify(fromRoot(`dist/${path}`));
  await writeNotebook("live.ipynb", "phasebook", [
    cell(`import { SampleEnsemble, sampleFigure } from ${from("tests/figures/sample.js")};
const ensemble = new SampleEnsemble("live");
const shown = sampleFigure(ensemble);
shown`),
    cell(`ensemble.advance(400);
await new Promise((resolve) => shown.on("select", resolve)); // until a click arrives
ensemble.advance(1000);
(await shown.selection()).members.join()`),
    cell("shown.select([5]);\n(await shown.selection()).members.join()"),
  ]);
  const page = await openPage();
  await page.goto(jupyter.labUrl("live.ipynb"));
  await kernelIsIdle(page);
  const ran = command(page, "notebook:run-all-cells");
  await page.getByText("step 400 of 1,000").waitFor();
  await phaseDiagram(page).click({ position: { x: 150, y: 100 } });
  await page.getByText("Finished · 1,000 steps").waitFor();
  await ran;
  await details(page).getByText("Member 5 (finished)").waitFor();
  const results = await page.locator(".jp-OutputArea-executeResult pre").allInnerTexts();
  assert.match(results[0] ?? "", /^'\d+'$/);
  assert.equal(results[1], "'5'");

  await page.mouse.move(0, 0); // the cursor starts from the member under the pointer, else from the chosen one
  await phaseDiagram(page).press("ArrowRight");
  await phaseDiagram(page).press("ArrowRight");
  await phaseDiagram(page).press("Enter"); // JupyterLab would start editing the cell
  await details(page).getByText("Member 13 (finished)").waitFor();
  await command(page, "docmanager:save");
  const { payload, output, outputs } = await storedFigure("live.ipynb");
  assert.deepEqual([outputs, output.output_type], [1, "display_data"]);
  assert.deepEqual([payload.progress.state, payload.selection.members], ["finished", [13]]);
  assert.match(String(output.data["image/svg+xml"]), /^<svg .*Member 13 \(finished\)/);

  await page.reload();
  await details(page).getByText("Member 13 (finished)").waitFor();
  await kernelIsIdle(page);
  await page.getByText("shown.select([5])").click();
  await command(page, "notebook:run-cell");
  await details(page).getByText("Member 5 (finished)").waitFor();

  await page.evaluate(() =>
    (globalThis as unknown as LabWindow).jupyterapp.shell.currentWidget?.sessionContext.session?.kernel?.restart(),
  );
  await page
    .locator(".phasebook-note")
    .filter({ hasText: /restarted|run the cell again/ })
    .waitFor();
  await details(page).getByText("Member 5 (finished)").waitFor();
  await page.close();
});
