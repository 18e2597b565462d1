/** `execute_request`: compiles a cell and has it run. */
import type { Checker } from "../checker/client.js";
import type { RecordedCell } from "../checker/messages.js";
import type { DebugAdapter } from "../debugger/adapter.js";
import { renamed } from "../cell/cell-object.js";
import type { CellSyntaxError, compileCell as CompileCell, CompileOptions } from "../cell/compile.js";
import { codeFrame } from "../link/code-frame.js";
import type { CompiledCell, ErrorReport, ExecutionResult } from "../link/messages.js";
import type { JsonObject, Message } from "../wire/message.js";
import { loadCompiler } from "./compiler.js";
import { INTERRUPTED } from "./exit-messages.js";
import { BackgroundChecks } from "./background-checks.js";
import { booleanField, objectField, textField } from "./content.js";
import type { Evaluator } from "./evaluator.js";
import type { History } from "./history.js";
import type { Introspection } from "./introspection.js";
import type { Messenger } from "./messenger.js";
import { pagerQuestion } from "./pager.js";
import { reportProblems, type TypeCheck, withoutMagic } from "./type-check.js";

interface Services {
  /** The notebook's folder. */
  folder: string;
  evaluator: Evaluator;
  messenger: Messenger;
  checker: Checker;
  typeCheck: TypeCheck;
  introspection: Introspection;
  history: History;
  debugAdapter: Pick<DebugAdapter, "prepare">;
}

export class Executions {
  /** Number of the latest cell that counts. */
  count = 0;
  /** The request that runs now. */
  current: Message | undefined;

  readonly #services: Services;
  #compileOptions: CompileOptions | undefined;
  readonly #backgroundChecks: BackgroundChecks;
  #recorded = 0;
  /** Aborted when the user interrupts the current request. */
  #interruption = new AbortController();

  constructor(services: Services) {
    this.#services = services;
    this.#backgroundChecks = new BackgroundChecks(services.typeCheck, services.messenger);
  }

  async handle(request: Message): Promise<JsonObject> {
    const { messenger, history } = this.#services;
    const { content, header } = request;
    const code = textField(content, "code");
    const silent = booleanField(content, "silent", false);
    const stored = !silent && booleanField(content, "store_history", true);
    if (stored) this.count++;
    const executionCount = this.count;
    if (!silent) messenger.publish("execute_input", header, { code, execution_count: executionCount });
    this.current = request;
    this.#interruption = new AbortController();
    const result = await this.#run(request, code, silent, stored);
    this.current = undefined;
    if (stored) history.add(executionCount, code, result.status === "ok" ? result.resultText : undefined);
    if (result.status === "ok") {
      return {
        status: "ok",
        execution_count: executionCount,
        user_expressions: result.userExpressions,
        payload: result.payload,
      };
    }
    return { status: "error", execution_count: executionCount, ...result.error, user_expressions: {}, payload: [] };
  }

  /** Stops the current request: its cell, or what comes before and after that. */
  interrupt(): void {
    this.#interruption.abort();
    this.#services.evaluator.interrupt();
  }

  /** Forgets what was compiled for an evaluator that is gone. */
  reset(): void {
    this.#compileOptions = undefined;
    this.#services.checker.reset();
  }

  /** Compiles a text as the cell that it will be, for the debugger; what it declares is not noted. */
  async compileDetached(code: string): Promise<CompiledCell> {
    const { compileCell, options } = await this.#compiler();
    return compileCell("Cell", withoutMagic(code), { ...options, shadowed: new Set(options.shadowed) });
  }

  /** The name that a path such as `a.b` has in the evaluator. */
  localPath(path: string): string {
    const [root = ""] = path.split(/[.[?]/, 1);
    return this.#compileOptions?.shadowed.has(root) === true ? renamed(root) + path.slice(root.length) : path;
  }

  async #run({ content, header }: Message, code: string, silent: boolean, stored: boolean): Promise<ExecutionResult> {
    const { evaluator, messenger } = this.#services;
    const { signal } = this.#interruption;
    const question = pagerQuestion(code);
    if (question !== undefined) return this.#page(question);
    const name = `Cell[${silent ? "*" : this.count}]`;
    const allowStdin = booleanField(content, "allow_stdin", false);
    const expressions = objectField(content, "user_expressions");
    try {
      const source = this.#services.typeCheck.takeMagic(code);
      const { cell, compiledExpressions } = await this.#compile(name, source, expressions);
      const recorded: RecordedCell = { id: ++this.#recorded, name, source };
      if (this.#services.typeCheck.mode === "error") await orAborted(this.#requireTypes(recorded), signal);
      await orAborted(this.#services.debugAdapter.prepare(code, cell), signal);
      if (signal.aborted) throw new CellRefused(INTERRUPTED);
      this.#services.typeCheck.record(recorded);
      const run = evaluator.execute(
        { executionCount: this.count, cell, silent, storeResult: stored, allowStdin, expressions: compiledExpressions },
        header,
      );
      if (this.#services.typeCheck.mode !== "error" && !silent) {
        // Who cannot be asked is a program that runs notebooks: nbclient, nbconvert, papermill.
        if (allowStdin) this.#backgroundChecks.add(recorded, header, run);
        else await orAborted(this.#backgroundChecks.checkBeside(recorded, header, run), signal);
      }
      return await run;
    } catch (error) {
      const report = error instanceof CellRefused ? error.report : describeFailure(name, code, error);
      if (!silent) messenger.publish("error", header, { ...report });
      return { status: "error", error: report };
    }
  }

  async #compile(
    name: string,
    source: string,
    expressions: JsonObject,
  ): Promise<{ cell: CompiledCell; compiledExpressions: Record<string, CompiledCell> }> {
    const { compileCell, options } = await this.#compiler();
    const cell = compileCell(name, source, options);
    const compiled = Object.keys(expressions).map(
      (key) => [key, compileCell(`Cell[${key}]`, textField(expressions, key), options)] as const,
    );
    return { cell, compiledExpressions: Object.fromEntries(compiled) };
  }

  async #compiler(): Promise<{ compileCell: typeof CompileCell; options: CompileOptions }> {
    const { folder, evaluator } = this.#services;
    const [{ compileCell, emit }, globals] = await Promise.all([loadCompiler(folder), evaluator.globals]);
    const options = (this.#compileOptions ??= { globals: new Set(globals), shadowed: new Set(), emit });
    return { compileCell, options };
  }

  /** Has the cell checked before it runs. */
  async #requireTypes(cell: RecordedCell): Promise<void> {
    const problems = await this.#services.typeCheck.check(cell);
    if (problems.length > 0) throw new CellRefused(reportProblems(cell, problems));
  }

  async #page(question: string): Promise<ExecutionResult> {
    const data = (await this.#services.introspection.describe(question, question.length)) ?? {
      "text/plain": `No information about "${question}".`,
    };
    return { status: "ok", userExpressions: {}, payload: [{ source: "page", data, start: 0 }] };
  }
}

/** Waits for what may take long; until the user interrupts. */
function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  return Promise.race([work, aborted]);
}

/** The cell was not run. */
class CellRefused extends Error {
  constructor(readonly report: ErrorReport) {
    super(report.evalue);
  }
}

function describeFailure(name: string, source: string, error: unknown): ErrorReport {
  if (isCellSyntaxError(error)) return describeSyntaxError(name, source, error);
  const { name: ename, message: evalue } = error instanceof Error ? error : new Error(String(error));
  return { ename, evalue, traceback: [`\u001b[31m${ename}\u001b[39m: ${evalue}`] };
}

/** By its content, because the compiler may not be loaded. */
function isCellSyntaxError(error: unknown): error is CellSyntaxError {
  return error instanceof SyntaxError && "problems" in error;
}

function describeSyntaxError(name: string, source: string, { problems }: CellSyntaxError): ErrorReport {
  const evalue = problems[0]?.message ?? "";
  const traceback = problems.flatMap(({ message, line, column, length }) => [
    `\u001b[31mSyntaxError\u001b[39m: ${message}`,
    `    at ${name}:${line + 1}:${column + 1}`,
    "",
    ...codeFrame(source, line, column, length),
  ]);
  return { ename: "SyntaxError", evalue, traceback };
}
