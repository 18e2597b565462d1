/** The evaluator as the kernel uses it: always there, restarted when it ends. */
import type {
  CommCommand,
  ControlCommand,
  ControlReport,
  ErrorReport,
  ExecuteCommand,
  ExecutionResult,
  Report,
} from "../link/messages.js";
import type { Header } from "../wire/message.js";
import { EvaluatorLauncher } from "./evaluator-launcher.js";
import type { EvaluatorEvents, EvaluatorExit, EvaluatorOptions, EvaluatorProcess } from "./evaluator-process.js";
import { describeExit, UNRESPONSIVE } from "./exit-messages.js";
import { InspectorLink } from "./inspector-link.js";
import { Interruption } from "./interruption.js";
import type { Messenger } from "./messenger.js";
import { StreamBuffer } from "./stream-buffer.js";

/** Executions whose late outputs still find their cell; those of older ones go to the latest. */
const MAX_PARENTS = 1000;
/** How long a live value is waited for, in milliseconds: completions should come within 100. */
const QUERY_MS = 60;

interface RunningExecution {
  execution: number;
  interruption: Interruption;
  resolve(result: ExecutionResult): void;
}

/** A comm message of the front end that the evaluator has not handled yet. */
interface CommRequest {
  header: Header;
  resolve(): void;
}

export class Evaluator {
  /** Open comms: target by id. */
  readonly comms = new Map<string, string>();
  readonly inspector = new InspectorLink((command) => this.#process.control(command));
  /** Calls for input of the running cell. */
  onInput: (request: { prompt: string; password: boolean }) => void = () => undefined;
  /** Called when a new evaluator has taken the place of one that ended; all state of cells is gone. */
  onRestart: () => void = () => undefined;

  readonly #options: EvaluatorOptions;
  readonly #messenger: Messenger;
  readonly #streams: StreamBuffer;
  readonly #parents = new Map<number, Header>();
  readonly #launcher: EvaluatorLauncher;
  readonly #events: EvaluatorEvents = {
    onReport: (report, parts) => this.#report(report, parts),
    onControl: (report) => this.#control(report),
    onNativeOutput: (name, text) => this.#nativeOutput(name, text),
    onExit: (exit) => this.#onExit(exit),
  };
  #nodeVersion: string | undefined;
  #process: EvaluatorProcess;
  #ready: Promise<string[]>;
  #state: "starting" | "ready" | "failed" = "starting";
  #markFailed: (reason: Error) => void = () => undefined;
  #markReady: (globals: string[]) => void = () => undefined;
  #latestParent: Header | undefined;
  #running: RunningExecution | undefined;
  #executions = 0;
  #commRequestCount = 0;
  readonly #commRequests = new Map<number, CommRequest>();
  #queryCount = 0;
  readonly #queries = new Map<number, (texts: string[]) => void>();

  constructor(options: EvaluatorOptions, messenger: Messenger) {
    this.#options = options;
    this.#messenger = messenger;
    this.#launcher = new EvaluatorLauncher(options);
    this.#streams = new StreamBuffer(messenger);
    [this.#process, this.#ready] = this.#start();
  }

  /** Names of the globals of a fresh evaluator; resolves when there is one, and rejects if it cannot be started. */
  get globals(): Promise<string[]> {
    if (this.#state === "failed") [this.#process, this.#ready] = this.#start();
    return this.#ready;
  }

  /** Version of the Node that runs cells; the likely one before that is known. */
  get nodeVersion(): string {
    return this.#nodeVersion ?? this.#launcher.nodeVersion;
  }

  /** Runs a compiled cell. Its outputs are published under `parent`; never rejects. */
  async execute(command: Omit<ExecuteCommand, "type" | "execution">, parent: Header): Promise<ExecutionResult> {
    const execution = ++this.#executions;
    this.#remember(execution, parent);
    this.#tellNotice(parent);
    const interruption = new Interruption(() => void this.#replace(UNRESPONSIVE));
    const result = await new Promise<ExecutionResult>((resolve) => {
      this.#running = { execution, interruption, resolve };
      this.#process.send({ ...command, type: "execute", execution });
    });
    interruption.end();
    this.#running = undefined;
    // Output of child processes comes by other pipes: what has arrived there belongs before the end of the cell.
    await new Promise(setImmediate);
    this.#streams.flush();
    return result;
  }

  /**
   * Stops the running cell, or callbacks that the latest one left. Repeated when the cell has not ended within a second,
   * restarts the evaluator: native code must keep it from hearing.
   */
  interrupt(): void {
    this.#process.control({ type: "interrupt", execution: this.#executions });
    this.#running?.interruption.add();
  }

  answerInput(value: string): void {
    this.#process.control({ type: "input_reply", value });
  }

  /** Passes a comm message of the front end on; resolves when it has been handled, or is lost with the evaluator. */
  sendComm(message: Omit<CommCommand, "request">, buffers: Uint8Array[], header: Header): Promise<void> {
    const { type, commId, target } = message;
    if (type === "comm_open") this.comms.set(commId, target);
    if (type === "comm_close") this.comms.delete(commId);
    if (this.#state === "failed") return Promise.resolve();
    const request = ++this.#commRequestCount;
    return new Promise((resolve) => {
      this.#commRequests.set(request, { header, resolve });
      this.#process.send({ ...message, request }, buffers);
    });
  }

  /** Names of variables or of a path's properties, as they are at this moment; none if the evaluator cannot tell in time. */
  liveNames(path: string | undefined, prefix: string): Promise<string[]> {
    return this.#query((query) => ({ type: "live_names", query, path, prefix }));
  }

  /** A short description of the value that a path has at this moment. */
  async liveValue(path: string | undefined): Promise<string | undefined> {
    if (path === undefined) return undefined;
    const [text] = await this.#query((query) => ({ type: "live_value", query, path }));
    return text;
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  #query(command: (query: number) => ControlCommand): Promise<string[]> {
    const query = ++this.#queryCount;
    return new Promise((resolve) => {
      const answer = (texts: string[]): void => {
        clearTimeout(timer);
        this.#queries.delete(query);
        resolve(texts);
      };
      const timer = setTimeout(() => answer([]), QUERY_MS);
      this.#queries.set(query, answer);
      this.#process.control(command(query));
    });
  }

  #control(report: ControlReport): void {
    if (report.type === "memory_exceeded") return;
    if (report.type === "live") this.#queries.get(report.query)?.(report.texts);
    else this.inspector.receive(report);
  }

  #start(): [EvaluatorProcess, Promise<string[]>] {
    this.#state = "starting";
    const ready = new Promise<string[]>((resolve, reject) => {
      this.#markReady = resolve;
      this.#markFailed = reject;
    });
    ready.catch(() => undefined);
    return [this.#launcher.launch(this.#events), ready];
  }

  #nativeOutput(name: "stdout" | "stderr", text: string): void {
    if (this.#state === "ready") this.#streams.write(name, text, this.#latestParent);
    else this.#launcher.notePrinted(text);
  }

  #onExit(exit: EvaluatorExit): void {
    this.#forgetCommRequests();
    if (this.#state === "ready") return this.#restart(describeExit(exit, this.#options.memoryLimit));
    try {
      this.#process = this.#launcher.relaunch(exit, this.#events);
    } catch (error) {
      // What fails at once would fail again at once: the next cell tries anew.
      this.#state = "failed";
      this.#markFailed(error as Error);
    }
  }

  #tellNotice(parent: Header): void {
    const notice = this.#launcher.takeNotice();
    if (notice === undefined) return;
    this.#messenger.publish("display_data", parent, { data: { "text/plain": notice }, metadata: {}, transient: {} });
  }

  async #replace(error: ErrorReport): Promise<void> {
    await this.#process.stop();
    this.#restart(error);
  }

  /** Starts anew and tells why in the cell that ran, or the latest one. */
  #restart(error: ErrorReport): void {
    this.comms.clear();
    this.#forgetCommRequests();
    this.inspector.abandon();
    [this.#process, this.#ready] = this.#start();
    this.onRestart();
    this.#streams.flush();
    this.#messenger.publish("error", this.#latestParent, { ...error });
    this.#running?.resolve({ status: "error", error });
  }

  #report(report: Report, parts: Uint8Array[]): void {
    switch (report.type) {
      case "ready":
        this.#state = "ready";
        this.#nodeVersion = report.nodeVersion;
        return this.#markReady(report.globals);
      case "stream":
        return this.#streams.write(report.name, report.text, this.#parentOf(report.execution));
      case "input":
        return this.onInput(report);
      case "done":
        if (this.#running?.execution === report.execution) this.#running.resolve(report.result);
        return;
      case "comm":
        if (report.messageType === "comm_open") this.comms.set(report.commId, report.target);
        if (report.messageType === "comm_close") this.comms.delete(report.commId);
        return this.#publish(report, parts);
      case "comm_handled":
        this.#commRequests.get(report.request)?.resolve();
        this.#commRequests.delete(report.request);
        return;
      case "publish":
        return this.#publish(report, parts);
      // The process that sent it tells of its end by itself.
      case "exit":
        return;
    }
  }

  #publish(report: Extract<Report, { type: "publish" | "comm" }>, [content, ...buffers]: Uint8Array[]): void {
    this.#streams.flush();
    const { messageType, execution, metadata } = report;
    const answered = report.type === "comm" ? this.#commRequests.get(report.request ?? 0)?.header : undefined;
    this.#messenger.publish(messageType, answered ?? this.#parentOf(execution), content ?? {}, { buffers, metadata });
  }

  #forgetCommRequests(): void {
    for (const { resolve } of this.#commRequests.values()) resolve();
    this.#commRequests.clear();
  }

  #remember(execution: number, parent: Header): void {
    this.#latestParent = parent;
    this.#parents.set(execution, parent);
    this.#parents.delete(execution - MAX_PARENTS);
  }

  #parentOf(execution: number): Header | undefined {
    return this.#parents.get(execution) ?? this.#latestParent;
  }
}
