/** A1 from top to bottom with a fresh kernel, and its result in a real browser. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Locator } from "playwright-core";
import { launchBrowser } from "../support/browser.js";
import { startJupyter } from "../support/jupyter.js";
import { fromRoot } from "../support/paths.js";
import { claimsOf, figuresOf, type Notebook, outputsOf, readNotebook } from "../../cli/notebooks/notebook.js";
import { execute, installInto } from "./notebook.js";

const NAME = "A01-sphere.ipynb";

let folder: string;
let data: string;
let executed: Notebook;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "phasebook-notebook-"));
  data = await mkdtemp(join(tmpdir(), "phasebook-data-"));
  installInto(data);
  executed = await execute(NAME, folder, data);
});

after(() => Promise.all([folder, data].map((path) => rm(path, { recursive: true }))));

test("every cell runs, in order, without complaints", () => {
  const code = executed.cells.filter(({ cell_type }) => cell_type === "code");
  assert.deepEqual(
    code.map(({ execution_count }) => execution_count),
    code.map((_, i) => i + 1),
  );
  const complaints = outputsOf(executed).filter(({ output_type, name }) => output_type === "error" || name === "stderr");
  assert.deepEqual(complaints, []);
});

test("the figures hold whole trainings: 96 members of the diagram, 8 at full length from either start", () => {
  const figures = figuresOf(executed);
  assert.deepEqual(
    figures.map(({ members, progress: { state, step } }) => ({ members, state, step })),
    [
      { members: 96, state: "finished", step: 1000 },
      { members: 8, state: "finished", step: 6000 },
      { members: 8, state: "finished", step: 6000 },
    ],
  );
  assert.deepEqual(
    figures[0]?.views.map(({ type }) => type),
    ["phase-diagram", "curves", "latent-space"],
  );
});

test("every claim comes out as in the committed notebook, and the exact ones agree", async () => {
  const verdicts = (notebook: Notebook) => claimsOf(notebook).map(({ id, verdict }) => `${id} ${verdict}`);
  const committed = verdicts(await readNotebook(fromRoot(`notebooks/${NAME}`)));
  assert.ok(committed.length >= 7);
  assert.deepEqual(verdicts(executed), committed);
  const exact = claimsOf(executed).filter(({ kind }) => kind === "exact");
  assert.deepEqual(
    exact.filter(({ verdict }) => verdict !== "agrees"),
    [],
  );
});

test("JupyterLab shows the saved notebook: figures that can be explored, claims with verdicts", async () => {
  const [jupyter, browser] = await Promise.all([
    startJupyter({ folder, env: { JUPYTER_PATH: data } }),
    launchBrowser(),
  ]);
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
    page.setDefaultTimeout(120_000);
    await page.goto(jupyter.labUrl(NAME));
    const diagram = page.locator('[data-view="phase-diagram"]').first();
    const details = page.locator(".phasebook-details").first();
    await shown(details.getByText("Member 52 (finished)"), diagram);
    await diagram.click({ position: { x: 100, y: 100 } });
    await details.getByText(/^Member (?!52 )\d+ \(finished\)/).waitFor();
    const claims = page.locator("table", { hasText: "A1.1" });
    await claims.scrollIntoViewIfNeeded();
    assert.equal(await claims.locator("tbody tr").count(), claimsOf(executed).length);
  } finally {
    await browser.close();
    await jupyter.stop();
  }
});

/**
 * Waits for what is near something that is brought into sight, and again where JupyterLab has put that out of sight meanwhile, since
 * what lies above it has grown. Where it does not come, the error says what there is.
 */
async function shown(wanted: Locator, near: Locator): Promise<void> {
  for (let tries = 8; ; tries--) {
    await near.scrollIntoViewIfNeeded();
    try {
      await wanted.waitFor({ timeout: 15_000 });
      return;
    } catch (cause) {
      const found = await wanted.page().locator(".phasebook-details").allTextContents();
      if (tries === 1) throw new Error(`Details of members in the page: ${JSON.stringify(found)}.`, { cause });
    }
  }
}
