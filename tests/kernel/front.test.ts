/** Parts of the front process: the output guard, the history, positions, when types are checked, the kernelspec. */
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Checker } from "../../kernel/checker/client.js";
import type { RecordedCell, TypeProblem } from "../../kernel/checker/messages.js";
import { BackgroundChecks } from "../../kernel/front/background-checks.js";
import { toCodePoints, toUtf16Offset } from "../../kernel/front/code-points.js";
import { History } from "../../kernel/front/history.js";
import type { Messenger } from "../../kernel/front/messenger.js";
import { OutputGuard } from "../../kernel/front/output-guard.js";
import { TypeCheck } from "../../kernel/front/type-check.js";
import { nodeBinaries, runtimePackage } from "../../kernel/node-binaries.js";
import { kernelspec } from "../../kernel/kernelspec.js";
import type { Header } from "../../kernel/wire/message.js";
import { fromRoot, repositoryRoot } from "../support/paths.js";
import { runNode } from "../support/run.js";
import { temporaryFolder } from "../support/temporary-folder.js";

test("the output guard passes text under its limit unchanged", () => {
  const guard = new OutputGuard(100);
  assert.equal(guard.take("a".repeat(60), 0) + guard.take("b".repeat(40), 1), "a".repeat(60) + "b".repeat(40));
  assert.equal(guard.isHolding, false);
});

test("the output guard leaves out the middle and keeps the end", () => {
  const guard = new OutputGuard(10);
  const pieces = Array.from({ length: 50_000 }, (_, i) => `${i}\n`.padStart(10));
  const sent = pieces.map((piece) => guard.take(piece, 1)).join("") + guard.release();
  assert.ok(sent.startsWith(pieces[0]!) && sent.endsWith(pieces.slice(-20_000).join("")));
  assert.match(sent, /\[… 299990 characters were printed too fast/);
});

test("the output guard lets go in the next window", () => {
  const guard = new OutputGuard(10);
  guard.take("x".repeat(10), 1);
  assert.equal(guard.take("held", 2), "");
  assert.equal(guard.take("next", 5000), "heldnext");
});

test("the checker is loaded when it is first asked, dropped by %typecheck off, and never loaded then", async (context) => {
  const checker = new Checker(await temporaryFolder(context), repositoryRoot);
  context.after(() => checker.stop());
  const typeCheck = new TypeCheck(checker, "off");
  const cell = { id: 1, name: "Cell[1]", source: "const n: number = 'text'" };
  typeCheck.record(cell);
  assert.deepEqual([await typeCheck.check(cell), checker.isLoaded], [[], false]);
  typeCheck.takeMagic("%typecheck warn");
  assert.equal(checker.isLoaded, false);
  assert.deepEqual([(await typeCheck.check(cell)).map(({ code }) => code), checker.isLoaded], [[2322], true]);
  typeCheck.takeMagic("%typecheck off");
  assert.equal(checker.isLoaded, false);
});

test("a question is answered while a check is still at work", async (context) => {
  const checker = new Checker(await temporaryFolder(context), repositoryRoot);
  context.after(() => checker.stop());
  await checker.prepareForQuestions();
  const order: string[] = [];
  const cell = { id: 1, name: "Cell[1]", source: "const n: number = 'text'" };
  // The checker's thread has yet to load TypeScript and the libraries.
  const check = checker.ask("check", { cell }).then(() => order.push("check"));
  await checker.ask("complete", { source: "Math.s", offset: 6 });
  order.push("completion");
  await check;
  assert.deepEqual(order, ["completion", "check"]);
});

test("a paused checker stands still at what nobody waits for, and answers all the rest", async (context) => {
  const checker = new Checker(await temporaryFolder(context), repositoryRoot);
  context.after(() => checker.stop());
  const cell = { id: 1, name: "Cell[1]", source: "const n: number = 'text'" };
  await checker.ask("check", { cell });
  const order: string[] = [];
  const ask = async (id: number, patient: boolean): Promise<void> => {
    await checker.ask("check", { cell: { ...cell, id } }, { patient });
    order.push(`check ${id}`);
  };
  checker.pause();
  const patient = ask(2, true);
  // Has yet to load TypeScript and the libraries, where the check would take a moment.
  await checker.ask("complete", { source: "Math.s", offset: 6 });
  order.push("completion");
  checker.resume();
  await patient;
  assert.deepEqual(order, ["completion", "check 2"]);
  checker.pause();
  // The thread does one thing after the other: an answer that somebody waits for brings the one before it.
  await Promise.all([ask(3, true), ask(4, false)]);
  const abandoned = ask(5, true);
  checker.stop();
  await assert.rejects(abandoned, /stopped/);
  await ask(6, false);
  assert.deepEqual(order.slice(2), ["check 3", "check 4", "check 6"]);
});

test("cells are checked in pauses and beside long runs", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const events: string[] = [];
  const answers: (() => void)[] = [];
  const typeCheck = {
    mode: "warn",
    pause: () => events.push("pause"),
    resume: () => events.push("resume"),
    prepareForQuestions: () => events.push("prepare"),
    check: ({ id }: RecordedCell, { patient = false } = {}) =>
      new Promise<TypeProblem[]>((resolve) => {
        events.push(`${patient ? "" : "urgent "}check ${id}`);
        answers.push(() => resolve([]));
      }),
  };
  const checks = new BackgroundChecks(typeCheck as unknown as TypeCheck, {} as Messenger);
  const header = {} as Header;
  const cell = (id: number): RecordedCell => ({ id, name: `Cell[${id}]`, source: "" });
  const after = async (act: () => void): Promise<string[]> => {
    act();
    await new Promise(setImmediate);
    return events.splice(0);
  };
  const tick = (milliseconds: number) => after(() => context.mock.timers.tick(milliseconds));
  let end: () => void = () => undefined;
  const begin = (id: number) => after(() => checks.add(cell(id), header, new Promise<void>((done) => (end = done))));

  assert.deepEqual(await begin(1), ["pause"]);
  assert.deepEqual(await after(end), ["pause"]);
  assert.deepEqual(await tick(99), []);
  assert.deepEqual(await begin(2), ["pause"]);
  assert.deepEqual(await after(end), ["pause"]);
  assert.deepEqual(await tick(100), ["resume", "check 1"]);
  // A cell begins while another is being checked, which ends nevertheless.
  assert.deepEqual(await begin(3), ["pause"]);
  assert.deepEqual(await after(answers[0]!), []);
  assert.deepEqual(await tick(499), []);
  assert.deepEqual(await tick(1), ["resume", "check 2"]);
  assert.deepEqual(await after(answers[1]!), ["check 3"]);
  // The end of a long run changes nothing.
  assert.deepEqual(await after(end), []);
  assert.deepEqual(await after(answers[2]!), ["prepare"]);
});

test("positions in code points and in UTF-16 units are each other's inverse", () => {
  const text = "a😀é𝔸z";
  const points = Array.from(text);
  points.forEach((_, i) => {
    const offset = points.slice(0, i).join("").length;
    assert.equal(toUtf16Offset(text, i), offset);
    assert.equal(toCodePoints(text, offset), i);
  });
  assert.equal(toUtf16Offset(text, Infinity), text.length);
});

test("the history outlives the session, and damaged lines are left out", async (context) => {
  const path = join(await temporaryFolder(context), "deep", "history.jsonl");
  const first = new History(path);
  first.add(1, "1 + 2", "3");
  first.add(2, "1 + 2", undefined);
  first.add(3, "other [x]", undefined);
  first.write();
  await writeFile(path, `${await readFile(path, "utf8")}{"session": 1, "li\n`);
  const second = new History(path);
  assert.equal(second.session, first.session + 1);
  second.add(1, "1 * 2", undefined);
  const inputs = (entries: { input: string }[]): string[] => entries.map(({ input }) => input);
  assert.deepEqual(inputs(second.tail(2)), ["other [x]", "1 * 2"]);
  assert.deepEqual(inputs(second.range(-1, 2, 4)), ["1 + 2", "other [x]"]);
  assert.deepEqual(inputs(second.range(0, 1, undefined)), ["1 * 2"]);
  assert.deepEqual(inputs(second.search("1 ? 2", false, undefined)), ["1 + 2", "1 + 2", "1 * 2"]);
  assert.deepEqual(inputs(second.search("1 [+] 2", true, undefined)), ["1 + 2"]);
  assert.deepEqual(inputs(second.search("*[[]x]", false, 1)), ["other [x]"]);
  assert.equal(second.tail(9)[0]?.output, "3");
});

test("cells run on PHASEBOOK_NODE, else on this Node if it is new, else on the one installed for them", async (context) => {
  const root = await temporaryFolder(context);
  const origins = (version: string, own?: string): string[] =>
    nodeBinaries(root, { PHASEBOOK_NODE: own }, { path: "/bin/node", version }).map(({ origin }) => origin);
  assert.deepEqual(origins("20.1.0"), ["running"]);
  const folder = join(root, "runtime", "node_modules", runtimePackage());
  await mkdir(join(folder, "bin"), { recursive: true });
  for (const name of ["node", "node.exe"]) await writeFile(join(folder, "bin", name), "");
  assert.deepEqual(origins("20.1.0"), ["running"], "an installation that is not whole");
  await writeFile(join(folder, "package.json"), '{ "version": "24.21.0" }');
  assert.deepEqual(origins("20.1.0"), ["installed", "running"]);
  assert.deepEqual(origins("24.0.0"), ["running"]);
  assert.deepEqual(origins("20.1.0", "/own/node"), ["PHASEBOOK_NODE", "installed", "running"]);
  assert.deepEqual(origins("20.1.0", "/bin/node"), ["running"], "the running one, on demand");
  assert.equal(nodeBinaries(root, {}, { path: "/bin/node", version: "22.0.0" })[0].version, "24.21.0");
});

test("the kernelspec starts the built kernel", () => {
  const { argv, ...rest } = kernelspec("/bin/node", "/opt/phasebook");
  assert.equal(argv[0], "/bin/node");
  assert.deepEqual(argv.slice(-2), ["/opt/phasebook/dist/kernel/main.js", "{connection_file}"]);
  assert.deepEqual(rest, {
    display_name: "TypeScript (Phasebook)",
    language: "typescript",
    interrupt_mode: "message",
    metadata: { debugger: true },
  });
});

test("a kernel whose server ended while it started does not wait for it", { timeout: 60_000 }, async () => {
  const gone = await runNode(["-p", "process.pid"]);
  const module = JSON.stringify(fromRoot("dist/kernel/front/parent.js"));
  const script = `import(${module}).then(({ onParentGone }) => onParentGone(${gone.output}, () => process.exit(7)));
    setTimeout(() => undefined, 30_000);`;
  assert.equal((await runNode(["-e", script])).status, 7);
});
