/** `phasebook reproduce` as a reviewer meets it: made-up notebooks, real kernels. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readNotebook, textOf } from "../../cli/notebooks/notebook.js";
import { parametersOf, withParameters } from "../../cli/notebooks/parameters.js";
import { exitCodeOf, type NotebookReport, type Report } from "../../cli/reproduce/report.js";
import { fromRoot, venvPython } from "../support/paths.js";
import { run, runNode, type RunOptions } from "../support/run.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { editNotebook, HEALTHY, writeNotebook } from "./made-up-notebook.js";

const command = fromRoot("dist/cli/main.js");
const reproduce = (folder: string, args: string[], options: RunOptions = {}) =>
  runNode([command, "reproduce", ...args, "--report", join(folder, "report")], { cwd: folder, ...options });

async function reportIn(folder: string): Promise<Report> {
  return JSON.parse(await readFile(join(folder, "report", "report.json"), "utf8")) as Report;
}

const statesOf = ({ notebooks }: Report) => notebooks.map(({ id, state }) => `${id} ${state}`);

test("the outputs that --update writes are matched by a second run, and the report says so in every form", async (context) => {
  const folder = await temporaryFolder(context);
  const path = await writeNotebook(folder, "T1");
  const first = await reproduce(folder, ["T1.ipynb", "--update"]);
  assert.equal(first.status, 0, first.output);
  const second = await reproduce(folder, ["T1.ipynb"]);
  assert.equal(second.status, 0, second.output);
  const [notebook] = (await reportIn(folder)).notebooks;
  assert.ok(notebook);
  assert.deepEqual([notebook.state, notebook.match, notebook.notes], ["ran", "matched", []]);
  assert.deepEqual(
    notebook.claims?.map(({ id, outcome }) => [id, outcome]),
    [["T.1", "met"]],
  );
  assert.deepEqual(
    notebook.figures?.map(({ title, outcome }) => [title, outcome]),
    [["Means", "same"]],
  );

  const page = await readFile(join(folder, "report", "report.html"), "utf8");
  assert.match(page, /T\.1: the mean is 0/);
  assert.equal(page.match(/data:image\/svg\+xml;base64/g)?.length, 4, "before, after, and both in the difference");
  assert.doesNotMatch(page, /(src|href)="(?!data:|#)/, "the page needs nothing else");

  const script =
    "import sys, xml.etree.ElementTree as e; print([c.get('name') for c in e.parse(sys.argv[1]).iter('testcase')])";
  const { output: cases } = await run(venvPython, ["-c", script, join(folder, "report", "junit.xml")]);
  assert.equal(cases.trim(), "['runs', 'claim T.1: the mean is 0', 'figure: Means']");
  const crate = await run(venvPython, [fromRoot("tests/tooling/validate_crate.py"), join(folder, "report/")]);
  assert.match(crate.output, /^valid$/m, crate.output);

  // Another seed and size, and a committed number that the code does not print.
  const other = await reproduce(folder, ["T1.ipynb", "--seed", "3", "--size", "full"]);
  assert.equal(other.status, 0, other.output);
  assert.equal((await reportIn(folder)).notebooks[0]?.figures?.[0]?.outcome, "other settings");
  await editNotebook(path, (text) => text.replace(/"mean -?0\.0/, '"mean 0.1'));
  const wrong = await reproduce(folder, ["T1.ipynb"]);
  assert.equal(wrong.status, 3, wrong.output);
  assert.match(wrong.output, /cell 3: prints something else/);
});

test("a claim that is met by another number has changed; it has not failed", async (context) => {
  const folder = await temporaryFolder(context);
  await writeNotebook(folder, "T1", [
    `import { claim, claimTable } from 'phasebook';
claimTable(claim({ id: "T.1", kind: "exact", source: "symmetry", statement: "it is 0",
  measured: Number(process.env["MEASURED"]), error: 1, expected: 0 }))`,
  ]);
  const measuring = (value: number, ...args: string[]) =>
    reproduce(folder, ["T1.ipynb", ...args], { env: { MEASURED: String(value) } });
  const committed = await measuring(-3, "--update");
  assert.equal(committed.status, 0, committed.output);
  for (const [value, status, match, said] of [
    [0.9, 0, "matched", /1 of 1 claims met,/],
    [
      3,
      3,
      "claims changed",
      /1 of 1 claims met \(1 by other numbers\).*3\.0000000 where the committed .* -3\.0000000/s,
    ],
    [5, 1, "claims failed", /0 of 1 claims met,/],
  ] as const) {
    const fresh = await measuring(value);
    assert.equal(fresh.status, status, fresh.output);
    assert.match(fresh.output, said);
    assert.equal((await reportIn(folder)).notebooks[0]?.match, match);
  }
});

test("what goes wrong in one notebook is said of that one, and the others go on", async (context) => {
  const folder = await temporaryFolder(context);
  const failing = HEALTHY.map((cell) => cell.replace("expected: 0", "expected: 9")).filter((_, i) => i !== 2);
  await writeNotebook(folder, "throws", ["throw new Error('no such data')"]);
  await writeNotebook(folder, "types", ["const n: number = 'text';"]);
  await writeNotebook(folder, "asks", ["prompt('Who are you?')"]);
  await writeNotebook(folder, "eats", ["const all = []; while (true) all.push(new Uint8Array(5e7).fill(1));"]);
  await writeNotebook(folder, "claims", failing);
  const names = ["throws", "types", "asks", "eats", "claims"].map((name) => `${name}.ipynb`);
  const { status, output } = await reproduce(folder, names, { env: { PHASEBOOK_MEMORY_LIMIT_MB: "700" } });
  assert.equal(status, 2, output);
  const { notebooks } = await reportIn(folder);
  assert.deepEqual(
    notebooks.map(({ id, state, match, reason }) => [id, state, match, reason?.slice(0, 40)]),
    [
      ["throws", "failed", "not compared", "cell 2: Error: no such data"],
      ["types", "failed", "not compared", "cell 2: TypeCheckError: Type 'string' is"],
      ["asks", "asked for input", "not compared", "cell 2 asks: Who are you?"],
      ["eats", "out of memory", "not compared", "cell 2: MemoryLimitError: The cells' dat"],
      ["claims", "ran", "claims failed", undefined],
    ],
  );
});

test("a notebook without an end is stopped after its time; a budget stops one and skips the rest", async (context) => {
  const folder = await temporaryFolder(context);
  for (const name of ["endless", "later"]) await writeNotebook(folder, name, ["while (true);"]);
  const options = { env: { TMPDIR: folder } };
  const late = await reproduce(folder, ["endless.ipynb", "--timeout", "3s"], options);
  assert.equal(late.status, 2, late.output);
  assert.deepEqual(statesOf(await reportIn(folder)), ["endless timed out"]);
  const spent = await reproduce(folder, ["endless.ipynb", "later.ipynb", "--budget", "3s"], options);
  assert.equal(spent.status, 4, spent.output);
  assert.match(statesOf(await reportIn(folder)).join(), /^endless interrupted,later (skipped|interrupted)$/);
  const left = (await readdir(folder)).filter((name) => name.startsWith("phasebook-"));
  assert.deepEqual(left, [], "working folders are gone");
});

test("a command that was killed goes on where it was", async (context) => {
  const folder = await temporaryFolder(context);
  const log = join(folder, "log.txt");
  const cell = (name: string) => `(await import("node:fs")).appendFileSync(${JSON.stringify(log)}, "${name} ");`;
  await writeNotebook(folder, "one", [cell("one")]);
  await writeNotebook(folder, "two", [
    `${cell("two")} if (!process.env["GO_ON"]) await new Promise(() => setTimeout(() => 0, 1e6));`,
  ]);
  const args = ["reproduce", "one.ipynb", "two.ipynb", "--report", join(folder, "report")];
  const child = spawn(process.execPath, [command, ...args], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  child.stdout.setEncoding("utf8");
  for (let printed = ""; !printed.includes("one: ran");) printed += String((await once(child.stdout, "data"))[0]);
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.deepEqual(statesOf(await reportIn(folder)), ["one ran"]);
  const { output } = await reproduce(folder, ["one.ipynb", "two.ipynb", "--resume"], { env: { GO_ON: "1" } });
  assert.deepEqual(statesOf(await reportIn(folder)), ["one ran", "two ran"], output);
  const ran = (await readFile(log, "utf8")).trim().split(" ");
  assert.equal(ran.filter((name) => name === "one").length, 1);
  assert.equal(ran.at(-1), "two");
});

test("solutions have to pass their checks, and stubs must not", async (context) => {
  const folder = await temporaryFolder(context);
  const exercise = (number: number, code: string) =>
    `<details><summary>Stub and solution of exercise ${number}</summary>\n\n\`\`\`typescript\n${code}\`\`\`\n\n</details>`;
  const prose = [
    exercise(1, "// your line: twice seed\nconst twice =\n  2 * seed;\ntwice === 0; // the check: true\n"),
    exercise(2, "let n = 1;\nn = 2; // your line\nn === 2; // the check: true\n"),
    exercise(3, "// your line\nconst wrong: number = 1;\nwrong === 2; // the check: true\n"),
    exercise(4, "// your line\nconst needless = 1;\ntrue; // the check: true\n"),
    exercise(5, "// no check, so nothing to run\nthrow new Error();\n"),
  ];
  await writeNotebook(folder, "E", ["const x = 1;"], prose);
  const { status, output } = await reproduce(folder, ["E.ipynb", "--exercises"]);
  assert.equal(status, 1, output);
  assert.match(output, /2 of 4 exercises hold/);
  const [notebook] = (await reportIn(folder)).notebooks;
  assert.deepEqual(notebook?.exercises, [
    { name: "exercise 1", outcome: "holds" },
    { name: "exercise 2", outcome: "holds" },
    { name: "exercise 3", outcome: "solution fails", note: "false" },
    { name: "exercise 4", outcome: "stub passes" },
  ]);
  const page = await readFile(join(folder, "report", "report.html"), "utf8");
  assert.match(page, /exercise 3<\/td><td><span class="bad">solution fails/);
});

test("of several exit codes the gravest wins: 2 before 1 before 3 before 4", () => {
  const ok = { state: "ran", match: "matched" } as const;
  const by: [number, Pick<NotebookReport, "state" | "match">][] = [
    [2, { state: "out of memory", match: "not compared" }],
    [1, { state: "ran", match: "claims failed" }],
    [3, { state: "ran", match: "claims changed" }],
    [3, { state: "ran", match: "figures differ" }],
    [4, { state: "skipped", match: "not compared" }],
    [0, ok],
  ];
  by.forEach(([code], i) => assert.equal(exitCodeOf(by.slice(i).map(([, report]) => report)), code));
});

test("parameters change their own line and nothing else; those that a notebook lacks are named", async (context) => {
  const folder = await temporaryFolder(context);
  const notebook = await readNotebook(await writeNotebook(folder, "T1"));
  assert.deepEqual(parametersOf(notebook), { size: "toy", seed: 0 });
  const changed = withParameters(notebook, { size: "full", seed: 7 });
  assert.equal(textOf(changed.cells[1]?.source), 'const size: "toy" | "full" = "full";\nconst seed = 7;');
  assert.deepEqual(changed.cells.slice(2), notebook.cells.slice(2));
  const bare = { ...notebook, cells: notebook.cells.slice(2) };
  assert.throws(() => withParameters(bare, { seed: 1 }), /no parameter "seed"/);
});

test("options that make no sense are refused before anything runs", async (context) => {
  const folder = await temporaryFolder(context);
  const cases: [string[], RegExp][] = [
    [[], /takes notebooks/],
    [["--all", "A1"], /takes notebooks/],
    [["A0"], /no notebook "A0"; there are A1/],
    [["A1", "--seed", "-1"], /--seed/],
    [["A1", "--size", "huge"], /--size is "huge"/],
    [["A1", "--budget", "soon"], /--budget is "soon"/],
  ];
  for (const [args, message] of cases) {
    const { status, output } = await reproduce(folder, args);
    assert.equal(status, 2, output);
    assert.match(output, message);
  }
});
