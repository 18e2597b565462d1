import { readdirSync } from "node:fs";
import { sep } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { inRoot } from "./paths.mjs";
import { Problem } from "./problem.mjs";

/** A file that takes longer than this hangs. */
const FILE_TIMEOUT = 8 * 60_000;

/** Folders of tests that start a browser, JupyterLab or whole trainings, which need the machine for themselves. */
const ALONE = ["extension", "notebooks", "tooling"];

/** The test files whose path under tests/ contains one of the parts; all of them when there are none. */
export function findTests(parts) {
  const all = readdirSync(inRoot("tests"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .sort();
  const chosen = all.filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
  if (chosen.length === 0) throw new Problem(`No test file under tests/ has "${parts.join('" or "')}" in its path.`);
  return chosen;
}

/** Runs compiled test files with the report of node's test runner; resolves with whether all passed. */
export async function runTests(files) {
  const alone = files.filter((file) => ALONE.includes(file.split(sep)[0]));
  const together = files.filter((file) => !alone.includes(file));
  let passed = true;
  const groups = [
    { files: together.map(compiled), concurrency: 2 },
    { files: alone.map(compiled), concurrency: 1 },
  ].filter((group) => group.files.length > 0);
  const reporter = new spec();
  reporter.pipe(process.stdout);
  for await (const event of eventsOf(groups)) {
    if (event.type === "test:fail" && event.data.todo === undefined) passed = false;
    reporter.write(event);
  }
  await new Promise((resolve) => reporter.end(resolve));
  return passed;
}

const compiled = (file) => inRoot("dist/tests", file.replace(/\.ts$/, ".js"));

/** The events of one run after the other, with one summary over all at the end. */
async function* eventsOf(groups) {
  const totals = new Map();
  for (const group of groups) {
    for await (const event of run({ ...group, timeout: FILE_TIMEOUT })) {
      const total = event.type === "test:diagnostic" && event.data.nesting === 0 && SUMMARY.exec(event.data.message);
      if (total) totals.set(total[1], (totals.get(total[1]) ?? 0) + Number(total[2]));
      else yield event;
    }
  }
  for (const [name, total] of totals)
    yield { type: "test:diagnostic", data: { nesting: 0, message: `${name} ${total}` } };
}

const SUMMARY = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/;
