/** Oldest major version of Node that runs Phasebook. */
const OLDEST_NODE = 20;

/**
 * Ends the process with one sentence when Node is too old. This file and the scripts that call it keep to syntax of
 * 2015 and load the rest later, so that an old Node can still read them.
 */
export function requireNode() {
  const version = process.versions.node;
  if (Number(version.split(".")[0]) >= OLDEST_NODE) return;
  console.error(
    "Node " +
      version +
      " is too old: install Node " +
      OLDEST_NODE +
      " or later (24 is the fastest) and run this again.",
  );
  process.exit(1);
}
