import type { BenchResult, Row } from "../report.js";
import { memory } from "./memory.js";
import { start } from "./start.js";
import { tfjs } from "./tfjs.js";
import { members, threads, wide } from "./threads.js";

const GROUPS: Readonly<Record<string, () => Promise<{ rows: Row[]; versions?: Record<string, string> }>>> = {
  threads,
  members,
  wide,
  memory,
  start,
  tfjs,
};

/** How the CPU engine's time and memory grow with threads and members, and how soon it starts. `only`: groups to measure. */
export async function scaling(only: readonly string[]): Promise<BenchResult> {
  const unknown = only.find((group) => !Object.hasOwn(GROUPS, group));
  if (unknown !== undefined)
    throw new RangeError(`no case "${unknown}" in the bench scaling; there are ${Object.keys(GROUPS).join(", ")}`);
  const rows: Row[] = [];
  const versions: Record<string, string> = {};
  for (const [name, measure] of Object.entries(GROUPS)) {
    if (only.length > 0 && !only.includes(name)) continue;
    const result = await measure();
    rows.push(...result.rows.map((row) => ({ ...row, case: `${name}: ${row.case}` })));
    Object.assign(versions, result.versions);
  }
  return { rows, versions };
}
