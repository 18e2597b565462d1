import { join } from "node:path";
import { packageRoot } from "../package-root.js";
import { notebooksIn } from "./catalogue.js";
import { listing, listMarkdown, listText } from "./list.js";

/** What `phasebook list` prints. */
export async function list({ json, markdown }: { json?: boolean; markdown?: boolean }): Promise<string> {
  const entries = await notebooksIn(join(packageRoot, "notebooks"));
  if (json) return JSON.stringify(entries.map(listing), null, 2);
  return markdown ? listMarkdown(entries) : listText(entries);
}
