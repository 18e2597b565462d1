/** The kernel: which message goes to which handler. */
import { Checker } from "../checker/client.js";
import type { Codec } from "../wire/codec.js";
import type { Header, JsonObject, Message } from "../wire/message.js";
import type { Transport } from "../wire/transport.js";
import { DebugAdapter } from "../debugger/adapter.js";
import { compileFile, loadCompiler } from "./compiler.js";
import { textField } from "./content.js";
import { Dispatcher, type HandlerTable } from "./dispatcher.js";
import { Evaluator } from "./evaluator.js";
import type { EvaluatorOptions } from "./evaluator-process.js";
import { Executions } from "./execution.js";
import { History, historyPath } from "./history.js";
import { answerHistory } from "./history-request.js";
import { Introspection } from "./introspection.js";
import { kernelInfo } from "./kernel-info.js";
import { Messenger } from "./messenger.js";
import { TypeCheck, typeCheckMode } from "./type-check.js";

/** The compiled kernel, whose code is not the user's. */
const KERNEL_FOLDER = new URL("..", import.meta.url).href;

export type KernelOptions = EvaluatorOptions;

export class Kernel {
  /** Called after the reply to `shutdown_request` has been sent. */
  onShutdown: () => void = () => undefined;

  readonly #transport: Transport;
  #announced = false;
  readonly #messenger: Messenger;
  readonly #evaluator: Evaluator;
  readonly #checker: Checker;
  readonly #introspection: Introspection;
  readonly #history = new History(historyPath(process.env));
  readonly #executions: Executions;
  readonly #debugAdapter: DebugAdapter;
  #latestDebugRequest: Header | undefined;

  constructor(transport: Transport, codec: Codec, options: KernelOptions) {
    const { folder, packageRoot } = options;
    this.#transport = transport;
    this.#messenger = new Messenger(transport, codec);
    this.#evaluator = new Evaluator(options, this.#messenger);
    this.#checker = new Checker(folder, packageRoot);
    this.#introspection = new Introspection(this.#checker, this.#evaluator, (path) => this.#executions.localPath(path));
    this.#debugAdapter = new DebugAdapter({
      inspector: this.#evaluator.inspector,
      kernelFolder: KERNEL_FOLDER,
      compile: (code) => this.#executions.compileDetached(code),
      compileFile: (path, text) => compileFile(folder, path, text),
      localName: (name) => this.#executions.localPath(name),
      globals: () => this.#evaluator.globals,
      publish: (event) => this.#messenger.publish("debug_event", this.#latestDebugRequest, event),
    });
    const dispatcher = new Dispatcher(codec, this.#messenger, this.#handlers(options));
    this.#executions = new Executions({
      folder,
      evaluator: this.#evaluator,
      messenger: this.#messenger,
      checker: this.#checker,
      typeCheck: new TypeCheck(this.#checker, typeCheckMode(process.env)),
      introspection: this.#introspection,
      history: this.#history,
      debugAdapter: this.#debugAdapter,
    });
    this.#evaluator.onRestart = () => {
      this.#executions.reset();
      this.#debugAdapter.evaluatorRestarted();
    };
    this.#evaluator.onInput = ({ prompt, password }) => {
      const request = this.#executions.current;
      if (request !== undefined) this.#messenger.send("stdin", "input_request", request, { prompt, password });
    };
    transport.listen({
      onRequest: (channel, frames) => dispatcher.receive(channel, frames),
      onSubscribe: (topic) => this.#welcome(Buffer.from(topic).toString()),
    });
    setImmediate(() => void loadCompiler(folder));
  }

  /** Stops the running cell. */
  interrupt(): void {
    this.#executions.interrupt();
  }

  /** Ends the evaluator and closes the transport. */
  async close(): Promise<void> {
    this.#checker.stop();
    this.#history.write();
    await this.#evaluator.stop();
    this.#messenger.flush();
    await this.#transport.close();
  }

  /** The first client hears that the kernel is starting, but not before the welcome, which comes before all else. */
  #welcome(subscription: string): void {
    this.#messenger.publish("iopub_welcome", undefined, { subscription });
    if (!this.#announced) this.#messenger.status("starting", undefined);
    this.#announced = true;
  }

  #handlers({ packageRoot }: KernelOptions): HandlerTable {
    const comm = (request: Message): Promise<undefined> => this.#comm(request);
    return {
      kernel_info_request: () => kernelInfo(packageRoot, this.#evaluator.nodeVersion),
      execute_request: (request) => this.#executions.handle(request),
      is_complete_request: ({ content }) => isComplete(textField(content, "code")),
      complete_request: ({ content }) => this.#introspection.complete(content),
      inspect_request: ({ content }) => this.#introspection.inspect(content),
      history_request: ({ content }) => answerHistory(this.#history, content),
      interrupt_request: () => {
        this.interrupt();
        return { status: "ok" };
      },
      debug_request: ({ header, content }) => {
        this.#latestDebugRequest = header;
        return this.#debugAdapter.handle(content);
      },
      shutdown_request: ({ content }) => {
        setImmediate(() => this.onShutdown());
        return { status: "ok", restart: content.restart ?? false };
      },
      comm_open: comm,
      comm_msg: comm,
      comm_close: comm,
      comm_info_request: ({ content }) => this.#commInfo(content),
      input_reply: ({ content }) => {
        this.#evaluator.answerInput(textField(content, "value", ""));
        return undefined;
      },
    };
  }

  async #comm({ header, content, buffers }: Message): Promise<undefined> {
    const message = {
      type: header.msg_type as "comm_open" | "comm_msg" | "comm_close",
      commId: textField(content, "comm_id"),
      target: textField(content, "target_name", ""),
      data: content.data ?? {},
    };
    await this.#evaluator.sendComm(message, buffers, header);
  }

  #commInfo(content: JsonObject): JsonObject {
    const target = content.target_name;
    const open = [...this.#evaluator.comms].filter(
      ([, name]) => typeof target !== "string" || target === "" || name === target,
    );
    return { status: "ok", comms: Object.fromEntries(open.map(([id, name]) => [id, { target_name: name }])) };
  }
}

async function isComplete(code: string): Promise<JsonObject> {
  const { parseCell } = await import("../cell/parse.js");
  const { problems } = parseCell(code);
  if (problems.length === 0) return { status: "complete" };
  if (!problems.every(({ incomplete }) => incomplete)) return { status: "invalid" };
  return { status: "incomplete", indent: indentAfter(code) };
}

/** The indentation of the last line, and a step more after an opening bracket. */
function indentAfter(code: string): string {
  const lastLine = code.slice(code.lastIndexOf("\n") + 1);
  const indent = /^\s*/.exec(lastLine)?.[0] ?? "";
  return /[[({]\s*$/.test(lastLine) ? `${indent}  ` : indent;
}
