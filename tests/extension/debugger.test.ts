/** JupyterLab's own debugger panel on a notebook of this kernel, in a browser. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { type Lab, cell, command, kernelIsIdle, startLab } from "./lab.js";

let lab: Lab;

before(async () => {
  lab = await startLab();
});

after(() => lab.stop());

const SOURCE = `interface Body { mass: number; speed: number }
// kinetic energy
function energy({ mass, speed }: Body): number {
  const half: number = mass / 2;
  return half * speed ** 2;
}
const bodies: Body[] = [{ mass: 2, speed: 3 }];
"E = " + energy(bodies[0]!)`;

/** Clicks beside a line of the only cell, as one sets or removes a breakpoint. */
async function clickGutter(page: Page, line: number): Promise<void> {
  await page.locator(".jp-CodeCell .cm-gutters .cm-breakpoint-gutter .cm-gutterElement").nth(line).click();
}

const highlighted = (page: Page, text: string) =>
  page.locator(".jp-CodeCell .jp-DebuggerEditor-highlight").filter({ hasText: text });

test("a breakpoint set beside a line stops the cell there, with its variables; a step and a click go on", async () => {
  await lab.writeNotebook("debugged.ipynb", "phasebook", [cell(SOURCE)]);
  const page = await lab.openPage("debugged.ipynb");
  await kernelIsIdle(page);
  const bug = page.locator(".jp-NotebookPanel .jp-DebuggerBugButton");
  await bug.click();
  await page.locator('.jp-NotebookPanel[data-jp-debugger="true"]').waitFor();
  await command(page, "debugger:show-panel");

  await page.locator(".jp-CodeCell .cm-content").click();
  await clickGutter(page, 4); // the fourth line; the first element measures the gutter
  const breakpoint = page.locator(".jp-DebuggerBreakpoint");
  await breakpoint.waitFor();
  assert.match(await breakpoint.innerText(), /\b4\b/);

  const run = command(page, "notebook:run-cell"); // ends with the cell
  await highlighted(page, "const half").waitFor();
  await command(page, "debugger:next");
  await highlighted(page, "return half").waitFor();
  assert.match(await page.locator(".jp-DebuggerCallstackFrame.selected").innerText(), /energy/);
  const variables = page.locator(".jp-DebuggerVariables");
  await variables.locator(".jp-DebuggerVariables-detail").getByText("1", { exact: true }).waitFor();
  assert.deepEqual(await variables.locator(".jp-DebuggerVariables-name").allInnerTexts(), ["half", "mass", "speed"]);
  assert.deepEqual(await variables.locator(".jp-DebuggerVariables-detail").allInnerTexts(), ["1", "2", "3"]);

  await command(page, "debugger:continue");
  await run;
  await page.locator(".jp-OutputArea-output").getByText("E = 9").waitFor();
  await highlighted(page, "").first().waitFor({ state: "detached" });

  await clickGutter(page, 4);
  await breakpoint.waitFor({ state: "detached" });
  await command(page, "notebook:run-cell");
  await page.locator(".jp-InputPrompt").getByText("[2]:").waitFor();
  await page.close();
});
