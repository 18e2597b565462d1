import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { junit } from "./junit.js";
import type { Report } from "./report.js";
import { reportHTML } from "./report-html.js";
import { roCrate, WORKFLOW_FILE, workflowScript } from "./ro-crate.js";

/** Everything that a report's folder holds. */
export const PARTS = [
  ...["report.html", "report.json", "junit.xml", "ro-crate-metadata.json", WORKFLOW_FILE],
  ...["notebooks", "runs"],
];

/** Writes all forms of the report, each whole or not at all. */
export async function writeReports(
  folder: string,
  report: Report,
  notebookFile: (id: string) => string,
): Promise<void> {
  const files: Record<string, string> = {
    "report.json": `${JSON.stringify(withoutPictures(report), null, 2)}\n`,
    "report.html": reportHTML(report),
    "junit.xml": junit(report),
    [WORKFLOW_FILE]: workflowScript(report),
    "ro-crate-metadata.json": `${JSON.stringify(roCrate(report, notebookFile), null, 2)}\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, `${name}.new`), text);
    await rename(join(folder, `${name}.new`), join(folder, name));
  }
}

/** Pictures are in report.html. */
function withoutPictures(report: Report): Report {
  const notebooks = report.notebooks.map(({ figures, ...notebook }) => ({
    ...notebook,
    ...(figures && { figures: figures.map(({ before: _, after: __, ...figure }) => figure) }),
  }));
  return { ...report, notebooks };
}
