import { readdirSync } from "node:fs";
import { join, sep } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { inRoot, venv } from "./paths.mjs";
import { Problem } from "./problem.mjs";

/** A file that takes longer than this hangs; the longest take three minutes where nothing else runs. */
const FILE_TIMEOUT = 20 * 60_000;

/**
 * Folders of tests that start a browser, JupyterLab or whole trainings, with much waiting: one file at a time, beside
 * one of another folder.
 */
const ONE_AT_A_TIME = ["extension", "notebooks", "tooling"];

/** What takes minutes starts first, so that it does not run on alone at the end. */
const LONG = ["kernel/python-clients.test.ts", "clients/clients.test.ts", "views/dom.test.ts"];

/** The test files whose path under tests/ contains one of the parts; all of them when there are none. */
export function findTests(parts) {
  const all = readdirSync(inRoot("tests"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .sort();
  const chosen = all.filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
  if (chosen.length === 0) throw new Problem(`No test file under tests/ has "${parts.join('" or "')}" in its path.`);
  return chosen;
}

/** Runs compiled test files, two at a time, with the report of node's test runner; resolves with whether all passed. */
export async function runTests(files) {
  // What Python compiles is kept, also where the machine forbids it, and away from the sources.
  Object.assign(process.env, { PYTHONDONTWRITEBYTECODE: "", PYTHONPYCACHEPREFIX: join(venv, "compiled") });
  const report = new Report();
  const alone = files.filter(isAlone);
  const others = files.filter((file) => !isAlone(file)).sort((a, b) => Number(isLong(b)) - Number(isLong(a)));
  const work = async (...queues) => {
    for (const queue of queues) while (queue.length > 0) await report.add(queue.shift());
  };
  await Promise.all([work(alone, others), work(others)]);
  return report.end();
}

const isAlone = (file) => ONE_AT_A_TIME.includes(file.split(sep)[0]);
const isLong = (file) => LONG.includes(file.replaceAll(sep, "/"));

/** The report on files that run at the same time: each one's when it has ended, and one summary of all. */
class Report {
  #begin = performance.now();
  #reporter = new spec();
  #totals = new Map();
  #seconds = new Map();
  #passed = true;

  constructor() {
    this.#reporter.pipe(process.stdout);
  }

  /** Runs a file. */
  async add(file) {
    const events = [];
    const begin = performance.now();
    const compiled = inRoot("dist/tests", file.replace(/\.ts$/, ".js"));
    for await (const event of run({ files: [compiled], timeout: FILE_TIMEOUT })) events.push(event);
    this.#seconds.set(file, (performance.now() - begin) / 1000);
    events.forEach((event) => this.#write(event));
  }

  /** Ends with the summary; resolves with whether all tests have passed. */
  async end() {
    const longest = [...this.#seconds].sort(([, a], [, b]) => b - a).slice(0, 10);
    const note = (message) => this.#reporter.write({ type: "test:diagnostic", data: { nesting: 0, message } });
    for (const [file, seconds] of longest) note(`${seconds.toFixed(1)} s ${file}`);
    this.#totals.set("duration_ms", performance.now() - this.#begin);
    for (const [name, total] of this.#totals) note(`${name} ${total}`);
    await new Promise((resolve) => this.#reporter.end(resolve));
    return this.#passed;
  }

  #write(event) {
    if (event.type === "test:fail" && event.data.todo === undefined) this.#passed = false;
    const total = event.type === "test:diagnostic" && event.data.nesting === 0 && SUMMARY.exec(event.data.message);
    if (total) this.#totals.set(total[1], (this.#totals.get(total[1]) ?? 0) + Number(total[2]));
    else this.#reporter.write(event);
  }
}

const SUMMARY = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/;
