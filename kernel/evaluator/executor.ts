/** Runs cells, one at a time. */
import type { Json } from "../../src/protocol.js";
import type { CompiledCell, ErrorReport, ExecuteCommand, ExecutionResult } from "../link/messages.js";
import type { CellObject } from "./cell-object.js";
import { toMimeBundle } from "./display.js";
import { abandonEvaluations, discardEntries, evaluate } from "./inspector.js";
import { rememberResult } from "./earlier-results.js";
import { KeyboardInterrupt, runUndisturbed, shared } from "./interrupts.js";
import { publish } from "./publish.js";
import { report } from "./reports.js";
import { runInScope, type CellScope } from "./scope.js";
import { Word } from "./shared-state.js";
import { clearTimers } from "./timers.js";
import { registerCell, reportError, type ScriptPosition } from "./traceback.js";

/** How long listeners of the interrupt signal may take to end the cell by themselves, in milliseconds. */
const GRACE_MS = 400;
/** How long an evaluation that V8 has terminated waits for the interrupt that explains it, in milliseconds. */
const EXPLANATION_MS = 5000;
const setTimer = setTimeout;
const setNextTurn = setImmediate;

/** An error that is already in the form in which it will be shown. */
class ReportedError extends Error {
  constructor(readonly report: ErrorReport) {
    super(report.evalue);
  }
}

interface RunningCell {
  scope: CellScope;
  silent: boolean;
  interrupted: Promise<never>;
  reject(reason: KeyboardInterrupt): void;
}

export class Executor {
  readonly #cellObject: CellObject;
  #running: RunningCell | undefined;
  /** The latest execution that was interrupted; it may not have begun. */
  #interrupted = 0;

  constructor(cellObject: CellObject) {
    this.#cellObject = cellObject;
  }

  /** The signal of the cell that runs; of none that is aborted, between cells. */
  get interruptSignal(): AbortSignal {
    if (this.#running === undefined) return new AbortController().signal;
    this.#running.scope.signalTaken = true;
    return this.#running.scope.controller.signal;
  }

  /** Runs a cell and reports its outputs and its end. */
  async execute(command: ExecuteCommand): Promise<void> {
    const { execution, cell, silent } = command;
    Atomics.store(shared, Word.execution, execution);
    const scope: CellScope = {
      execution,
      name: cell.name,
      allowStdin: command.allowStdin,
      controller: new AbortController(),
      signalTaken: false,
    };
    const running = createRunningCell(scope, silent);
    this.#running = running;
    try {
      if (execution <= this.#interrupted) throw new KeyboardInterrupt();
      const result = await runInScope(scope, () => this.#run(command, running));
      this.#end(running, result);
    } catch (error) {
      this.#end(running, failure(error));
    }
  }

  /** Stops an execution: first by telling its listeners, then, if it goes on, without it. */
  interrupt(execution: number): void {
    this.#interrupted = execution;
    const running = this.#running;
    if (running?.scope.execution !== execution) return;
    const { scope } = running;
    const reason = new KeyboardInterrupt();
    const stop = (): void => {
      if (this.#running !== running) return;
      running.reject(reason);
      clearTimers(scope);
      this.#end(running, failure(reason));
    };
    const { signalTaken } = scope;
    if (!signalTaken) stop();
    // In a turn of its own: listeners are code of cells, and may need an interrupt themselves.
    setNextTurn(() => {
      if (signalTaken) setTimer(stop, GRACE_MS);
      scope.controller.abort(reason);
    });
  }

  /** Reports the end of a cell; once, because what an interrupt has ended may still come to its own. */
  #end(running: RunningCell, result: ExecutionResult): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    runUndisturbed(() => {
      const { scope, silent } = running;
      if (result.status === "error" && !silent) runInScope(scope, () => publish("error", { ...result.error }));
      this.#cellObject.awaited = undefined;
      abandonEvaluations();
      discardEntries();
      report({ type: "done", execution: scope.execution, result });
    });
  }

  async #run(
    { cell, executionCount, silent, storeResult, expressions }: ExecuteCommand,
    running: RunningCell,
  ): Promise<ExecutionResult> {
    const { value } = await this.#evaluate(cell, running);
    let resultText: Json | undefined;
    if (value !== undefined && !silent) {
      const data = await Promise.race([toMimeBundle(value), running.interrupted]);
      // No representations: the value has displayed itself already.
      if (Object.keys(data).length > 0) {
        publish("execute_result", { execution_count: executionCount, data, metadata: {} });
        if (storeResult) rememberResult(executionCount, value);
      }
      resultText = data["text/plain"];
    }
    const userExpressions: Record<string, Json> = {};
    for (const [name, expression] of Object.entries(expressions)) {
      userExpressions[name] = await this.#userExpression(expression, running);
    }
    return { status: "ok", userExpressions, payload: [], ...(typeof resultText === "string" ? { resultText } : {}) };
  }

  /** The value of a cell, in an object because a promise is a value too. */
  async #evaluate(cell: CompiledCell, running: RunningCell): Promise<{ value: unknown }> {
    registerCell(cell);
    this.#cellObject.value = undefined;
    const script = `${cell.script}\n//# sourceURL=${cell.name}`;
    const completion = await Promise.race([evaluate(script, this.#cellObject), running.interrupted]);
    if (completion.kind === "terminated") return Promise.race([running.interrupted, endWithoutResult()]);
    const { value } = this.#cellObject;
    this.#cellObject.value = undefined;
    if (completion.kind === "normal") return { value };
    const { signal } = running.scope.controller;
    if (signal.aborted && completion.value instanceof Error && completion.value.name === "AbortError")
      throw signal.reason;
    const position: ScriptPosition = {
      url: completion.url ?? cell.name,
      line: completion.line,
      column: completion.column,
    };
    throw new ReportedError(reportError(completion.value, position));
  }

  async #userExpression(expression: CompiledCell, running: RunningCell): Promise<Json> {
    try {
      const { value } = await this.#evaluate(expression, running);
      return { status: "ok", data: await toMimeBundle(value), metadata: {} };
    } catch (error) {
      return { status: "error", ...(error instanceof ReportedError ? error.report : reportError(error)) };
    }
  }
}

/** Rejects when no interrupt explains the end of an evaluation. */
function endWithoutResult(): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimer(() => reject(new Error("V8 ended the evaluation of the cell without a result.")), EXPLANATION_MS).unref();
  });
}

function failure(error: unknown): ExecutionResult {
  return { status: "error", error: error instanceof ReportedError ? error.report : reportError(error) };
}

function createRunningCell(scope: CellScope, silent: boolean): RunningCell {
  let reject: (reason: KeyboardInterrupt) => void = () => undefined;
  const interrupted = new Promise<never>((_resolve, rejectPromise) => (reject = rejectPromise));
  interrupted.catch(() => undefined);
  return { scope, silent, interrupted, reject };
}
