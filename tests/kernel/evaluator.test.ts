/** The evaluator process by itself: interrupts that come before and after the execution that they are meant for. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { EvaluatorProcess } from "../../kernel/front/evaluator-process.js";
import type { ExecutionResult } from "../../kernel/link/messages.js";
import { repositoryRoot } from "../support/paths.js";
import { temporaryFolder } from "../support/temporary-folder.js";

class Evaluator {
  readonly process: EvaluatorProcess;
  readonly #done = new Map<number, (result: ExecutionResult) => void>();
  #answer: () => void = () => undefined;
  #printed: () => void = () => undefined;

  constructor(folder: string) {
    const options = { folder, packageRoot: repositoryRoot, memoryLimit: 2 ** 31 };
    this.process = new EvaluatorProcess(process.execPath, options, {
      onReport: (report) => {
        if (report.type === "done") this.#done.get(report.execution)?.(report.result);
        if (report.type === "stream") this.#printed();
      },
      onControl: () => this.#answer(),
      onNativeOutput: () => undefined,
      onExit: () => undefined,
    });
  }

  /** How the execution ends: ok, or the name of the error. */
  async run(execution: number, script: string): Promise<string> {
    const cell = { name: `Cell[${execution}]`, source: script, script, positions: [] };
    const options = { executionCount: execution, silent: true, storeResult: false, allowStdin: false, expressions: {} };
    const result = await new Promise<ExecutionResult>((resolve) => {
      this.#done.set(execution, resolve);
      this.process.send({ type: "execute", execution, cell, ...options });
    });
    return result.status === "ok" ? "ok" : result.error.ename;
  }

  /** Resolves when a cell prints. */
  printed(): Promise<void> {
    return new Promise((resolve) => (this.#printed = resolve));
  }

  /** Resolves when the control thread has heard the interrupt. */
  async interrupt(execution: number): Promise<void> {
    this.process.control({ type: "interrupt", execution });
    const answered = new Promise<void>((resolve) => (this.#answer = resolve));
    this.process.control({ type: "live_value", query: 1, path: "0" });
    await answered;
  }
}

async function startEvaluator(context: TestContext): Promise<Evaluator> {
  const evaluator = new Evaluator(await temporaryFolder(context));
  context.after(() => evaluator.process.stop());
  return evaluator;
}

test("an interrupt that arrives before its execution keeps it from running", { timeout: 30_000 }, async (context) => {
  const evaluator = await startEvaluator(context);
  await evaluator.interrupt(1);
  assert.equal(await evaluator.run(1, "await new Promise(() => {})"), "KeyboardInterrupt");
  assert.equal(await evaluator.run(2, "await null"), "ok");
});

for (const [kind, script] of Object.entries({
  awaits: "console.log('started'); await new Promise(resolve => setTimeout(resolve, 700))",
  computes: "console.log('started'); { const end = Date.now() + 700; while (Date.now() < end); }",
}))
  test(
    `an interrupt of an earlier execution does not stop a later one that ${kind}`,
    { timeout: 30_000 },
    async (context) => {
      const evaluator = await startEvaluator(context);
      assert.equal(await evaluator.run(1, "1"), "ok");
      const started = evaluator.printed();
      const end = evaluator.run(2, script);
      await started;
      await evaluator.interrupt(1);
      assert.equal(await end, "ok");
      assert.equal(await evaluator.run(3, "1"), "ok");
    },
  );
