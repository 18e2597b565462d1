import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { FIGURE_MIME } from "../../src/protocol.js";
import { fromRoot } from "../support/paths.js";
import { SampleEnsemble, sampleFigure } from "../figures/sample.js";
import { type Lab, type LabWindow, cell, command, kernelIsIdle, savedOutput, startLab, storedFigure } from "./lab.js";

let lab: Lab;

before(async () => {
  lab = await startLab();
});

after(() => lab.stop());

const phaseDiagram = (page: Page): Locator => page.locator('[data-view="phase-diagram"]');
const details = (page: Page): Locator => page.locator(".phasebook-details");

test("a saved figure shows and can be explored, untrusted and without a kernel", async () => {
  const shown = sampleFigure(new SampleEnsemble().advance(1000));
  shown.select([61]);
  const output = savedOutput({ [FIGURE_MIME]: shown.payload, "image/svg+xml": shown.toSVG() });
  await lab.writeNotebook("saved.ipynb", "no-such-kernel", [cell("first", [output]), cell("second one", [output])]);
  const page = await lab.openPage("saved.ipynb");
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
  await lab.writeNotebook("live.ipynb", "phasebook", [
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
  const page = await lab.openPage("live.ipynb");
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
  const { payload, output, outputs } = storedFigure(await lab.readNotebook("live.ipynb"));
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
