import { accessSync, constants } from "node:fs";
import { root } from "./paths.mjs";
import { Problem } from "./problem.mjs";

/**
 * One step of the setup: does its work unless the result is there already, and shows either on a line of its own.
 *
 * @param {string} title what is there afterwards
 * @param {{ isCurrent: () => boolean, work: () => Promise<void> }} step
 */
export async function step(title, { isCurrent, work }) {
  if (isCurrent()) {
    console.log(`✓ ${title}`);
    return;
  }
  requireWritable(root);
  console.log(`… ${title}`);
  const begin = performance.now();
  await work();
  console.log(`✓ ${title} (${((performance.now() - begin) / 1000).toFixed(1)} s)`);
}

function requireWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw new Problem(
      `No write permission in ${folder}: make it writable for this user, or clone into a folder of your own.`,
    );
  }
}
