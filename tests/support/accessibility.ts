import type { Page } from "playwright-core";
import { fromRoot } from "./paths.js";

interface Finding {
  id: string;
  impact: string;
  nodes: { html: string; failureSummary: string }[];
}

/** What axe-core finds serious or critical in the elements that `within` selects, as text. */
export async function seriousFindings(page: Page, within: string): Promise<string[]> {
  await page.addScriptTag({ path: fromRoot("node_modules/axe-core/axe.min.js") });
  return page.evaluate(async (root) => {
    const { axe } = globalThis as unknown as { axe: { run(root: string): Promise<{ violations: Finding[] }> } };
    const { violations } = await axe.run(root);
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""} ${nodes[0]?.failureSummary ?? ""}`);
  }, within);
}
