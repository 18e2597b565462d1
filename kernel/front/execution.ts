/** `execute_request`: compiles a cell and has it run. */
import { CellSyntaxError, compileCell, type CompileOptions } from "../cell/compile.js";
import { codeFrame } from "../link/code-frame.js";
import type { CompiledCell, ErrorReport, ExecutionResult } from "../link/messages.js";
import type { JsonObject, Message } from "../wire/message.js";
import { booleanField, objectField, textField } from "./content.js";
import type { Evaluator } from "./evaluator.js";
import type { Messenger } from "./messenger.js";

export class Executions {
  /** Number of the latest cell that counts. */
  count = 0;
  /** The request that runs now. */
  current: Message | undefined;

  readonly #evaluator: Evaluator;
  readonly #messenger: Messenger;
  readonly #abortQueue: () => void;
  #compileOptions: CompileOptions | undefined;

  constructor(evaluator: Evaluator, messenger: Messenger, abortQueue: () => void) {
    this.#evaluator = evaluator;
    this.#messenger = messenger;
    this.#abortQueue = abortQueue;
  }

  async handle(request: Message): Promise<JsonObject> {
    const { content, header } = request;
    const code = textField(content, "code");
    const silent = booleanField(content, "silent", false);
    const stopOnError = booleanField(content, "stop_on_error", true);
    if (!silent && booleanField(content, "store_history", true)) this.count++;
    const executionCount = this.count;
    if (!silent) this.#messenger.publish("execute_input", header, { code, execution_count: executionCount });
    this.current = request;
    const result = await this.#run(request, code, silent);
    this.current = undefined;
    if (result.status === "ok") {
      return {
        status: "ok",
        execution_count: executionCount,
        user_expressions: result.userExpressions,
        payload: result.payload,
      };
    }
    if (stopOnError) this.#abortQueue();
    return { status: "error", execution_count: executionCount, ...result.error, user_expressions: {}, payload: [] };
  }

  /** Forgets what was compiled for an evaluator that is gone. */
  reset(): void {
    this.#compileOptions = undefined;
  }

  async #run({ content, header }: Message, code: string, silent: boolean): Promise<ExecutionResult> {
    const globals = await this.#evaluator.globals;
    const options = (this.#compileOptions ??= { globals: new Set(globals), shadowed: new Set(), emit: {} });
    const name = `Cell[${silent ? "*" : this.count}]`;
    let cell: CompiledCell;
    const expressions: Record<string, CompiledCell> = {};
    try {
      cell = compileCell(name, code, options);
      for (const [key, expression] of Object.entries(objectField(content, "user_expressions"))) {
        expressions[key] = compileCell(`Cell[${key}]`, String(expression), options);
      }
    } catch (error) {
      if (!(error instanceof CellSyntaxError)) throw error;
      const report = describeSyntaxError(name, code, error);
      if (!silent) this.#messenger.publish("error", header, { ...report });
      return { status: "error", error: report };
    }
    const allowStdin = booleanField(content, "allow_stdin", false);
    return this.#evaluator.execute({ executionCount: this.count, cell, silent, allowStdin, expressions }, header);
  }
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
