import { existsSync } from "node:fs";
import { CommandFailure, run } from "./commands.mjs";
import { inRoot } from "./paths.mjs";

/** Whether cells run on Node 24 or later, this one or the one that is fetched for them, or on the user's choice. */
export function nodeIsFast() {
  if (process.env.PHASEBOOK_NODE || existsSync(inRoot("runtime/node_modules"))) return true;
  return Number(process.versions.node.split(".")[0]) >= 24;
}

/** Fetches a Node 24 for cells; without a network, or on a system for which there is none, they run on this Node. */
export async function fetchNode() {
  try {
    await run(process.execPath, [inRoot("dist/cli/main.js"), "install-node"]);
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    console.log(`  ${error.output.trim()}\n  Cells run on Node ${process.versions.node}, which is slower.`);
  }
}
