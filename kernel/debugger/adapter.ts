/**
 * The debug adapter: `debug_request` and `debug_event`, as JupyterLab's debugger speaks them, in terms of V8's inspector.
 * The inspector is attached only while a client debugs; until then the adapter notes which cells ran, and nothing else.
 */
import type { Debugger, Runtime } from "node:inspector";
import type { Json } from "../../src/protocol.js";
import { numberField, objectField, textField } from "../front/content.js";
import type { InspectorLink } from "../front/inspector-link.js";
import type { CompiledCell } from "../link/messages.js";
import type { JsonObject } from "../wire/message.js";
import { Breakpoints, type SourceBreakpoint } from "./breakpoints.js";
import { CELL_NAMING, CellFiles } from "./cell-files.js";
import { CAPABILITIES, DebugError, MAIN_THREAD, type StopReason } from "./dap.js";
import { FrameCode, SLOT } from "./frame-code.js";
import { GlobalVariables, isIdentifier } from "./global-variables.js";
import { Locator, type LocatorServices } from "./locator.js";
import { describePause, isCaught, type Pause, type PausedFrame, scopesOf, stackFrames, textOf } from "./pause.js";
import { Scripts } from "./scripts.js";
import { Variables } from "./variables.js";

/** Calls that are followed through `await` to find a `catch`. */
const ASYNC_DEPTH = 32;

export interface DebuggerServices extends Omit<LocatorServices, "breakLocations"> {
  inspector: InspectorLink;
  /** URL of the folder of the compiled kernel. */
  kernelFolder: string;
  /** The name that a variable of cells has in the evaluator. */
  localName(name: string): string;
  /** Names of the globals before any cell ran. */
  globals(): Promise<string[]>;
  /** Publishes a `debug_event`. */
  publish(event: JsonObject): void;
}

type CommandHandler = (parameters: JsonObject) => Promise<JsonObject> | JsonObject;

export class DebugAdapter {
  readonly #services: DebuggerServices;
  readonly #cells = new CellFiles();
  readonly #scripts: Scripts;
  readonly #breakpoints: Breakpoints;
  readonly #variables: Variables;
  readonly #globals: GlobalVariables;
  readonly #frameCode: FrameCode;
  readonly #commands: Record<string, CommandHandler>;
  #attached = false;
  #sequence = 0;
  #pause: Pause | undefined;
  /** The reason of the next pause, where a request asked for one. */
  #expected: "step" | "pause" | undefined;
  #exceptions: "none" | "all" | "uncaught" = "none";
  #settingBreakpoints: Promise<unknown> = Promise.resolve();

  constructor(services: DebuggerServices) {
    const { inspector, kernelFolder } = services;
    this.#services = services;
    this.#scripts = new Scripts(this.#cells, kernelFolder);
    const breakLocations = (script: string) => inspector.breakLocations(script);
    this.#breakpoints = new Breakpoints(
      inspector,
      this.#cells,
      new Locator(this.#cells, { ...services, breakLocations }),
    );
    this.#variables = new Variables(inspector);
    this.#globals = new GlobalVariables(inspector, services.globals);
    this.#frameCode = new FrameCode(inspector, services.compile);
    this.#commands = this.#commandTable();
    inspector.onEvent = (method, parameters) => this.#onEvent(method, parameters);
  }

  /** Answers a request of the Debug Adapter Protocol with its response. */
  async handle(request: JsonObject): Promise<JsonObject> {
    const { command, seq = 0 } = request;
    const response = { type: "response", seq: ++this.#sequence, request_seq: seq, command: command ?? "" };
    try {
      const name = textField(request, "command");
      const handler = Object.hasOwn(this.#commands, name) ? this.#commands[name] : undefined;
      if (handler === undefined) throw new DebugError(`The debugger does not know the request "${name}".`);
      if (!this.#attached && !WITHOUT_ATTACHING.has(name)) throw new DebugError("The debugger is not attached.");
      return { ...response, success: true, body: await handler(objectField(request, "arguments")) };
    } catch (error) {
      return { ...response, success: false, message: error instanceof Error ? error.message : String(error), body: {} };
    }
  }

  /** Notes that a cell is about to run; resolves when its breakpoints are set. */
  async prepare(code: string, cell: CompiledCell): Promise<void> {
    const run = this.#cells.addRun(code, cell);
    if (this.#attached) await this.#inTurn(() => this.#breakpoints.prepare(run)).catch(() => undefined);
  }

  /** Notes that another evaluator has taken the place of the one that was debugged. */
  evaluatorRestarted(): void {
    this.#cells.clearRuns();
    if (!this.#attached) return;
    this.#resumed();
    void this.#inTurn(() => this.#attach()).catch(() => (this.#attached = false));
  }

  #commandTable(): Record<string, CommandHandler> {
    const { inspector } = this.#services;
    const go = (method: string, expected?: "step") => async (): Promise<JsonObject> => {
      if (this.#pause === undefined) throw new DebugError("The program is not paused.");
      this.#expected = expected;
      await inspector.post(`Debugger.${method}`);
      return { allThreadsContinued: true };
    };
    return {
      // Debugging begins here, as in ipykernel: a client may ask for the state before its `attach`, and keep the answer.
      initialize: async () => {
        await this.#ensureAttached();
        return CAPABILITIES;
      },
      attach: async () => {
        await this.#ensureAttached();
        this.#publish("initialized", {});
        return {};
      },
      configurationDone: () => ({}),
      disconnect: () => this.#disconnect(),
      debugInfo: () => this.#info(),
      dumpCell: (parameters) => ({ sourcePath: this.#cells.add(textField(parameters, "code")) }),
      setBreakpoints: (parameters) => this.#setBreakpoints(parameters),
      setExceptionBreakpoints: ({ filters }) => this.#setExceptions(Array.isArray(filters) ? filters : []),
      exceptionInfo: () => this.#exceptionInfo(),
      source: (parameters) => this.#source(textField(objectField(parameters, "source"), "path")),
      threads: () => ({ threads: [{ id: MAIN_THREAD, name: "main" }] }),
      modules: () => this.#modules(),
      stackTrace: (parameters) => this.#stackTrace(parameters),
      scopes: (parameters) => ({ scopes: scopesOf(this.#frame(parameters), this.#variables) }),
      variables: async (parameters) => {
        const reference = numberField(parameters, "variablesReference", 0);
        const owner = this.#globals.has(reference) ? this.#globals : this.#variables;
        return { variables: await owner.children(reference) };
      },
      evaluate: (parameters) => this.#evaluate(parameters),
      inspectVariables: async () => ({ variables: await this.#globals.list() }),
      richInspectVariables: (parameters) => this.#richInspect(parameters),
      copyToGlobals: (parameters) => this.#copyToGlobals(parameters),
      continue: go("resume"),
      next: go("stepOver", "step"),
      stepIn: go("stepInto", "step"),
      stepOut: go("stepOut", "step"),
      pause: async () => {
        this.#expected = "pause";
        return inspector.post<JsonObject>("Debugger.pause");
      },
    };
  }

  #ensureAttached(): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#attached) await this.#attach();
    });
  }

  async #attach(): Promise<void> {
    const { inspector } = this.#services;
    this.#scripts.clear();
    this.#attached = true;
    inspector.start();
    await inspector.post("Debugger.enable");
    await inspector.post("Debugger.setBlackboxPatterns", { patterns: this.#scripts.foreignPatterns });
    await this.#applyExceptions();
    await this.#breakpoints.restore();
  }

  #disconnect(): JsonObject {
    this.#attached = false;
    this.#services.inspector.stop();
    this.#resumed();
    this.#exceptions = "none";
    this.#breakpoints.clear();
    this.#scripts.clear();
    return {};
  }

  #info(): JsonObject {
    return {
      isStarted: this.#attached,
      ...CELL_NAMING,
      breakpoints: this.#breakpoints.list(),
      stoppedThreads: this.#pause === undefined ? [] : [MAIN_THREAD],
      richRendering: true,
      exceptionPaths: [],
      copyToGlobals: true,
    };
  }

  async #setBreakpoints(parameters: JsonObject): Promise<JsonObject> {
    const path = textField(objectField(parameters, "source"), "path");
    const { breakpoints = [] } = parameters;
    if (!Array.isArray(breakpoints)) throw new DebugError("The field breakpoints is not a list.");
    return this.#inTurn(async () => ({
      breakpoints: await this.#breakpoints.set({ path, name: path }, breakpoints as SourceBreakpoint[]),
    }));
  }

  /** Changes of breakpoints follow one another, and a cell waits for those before it. */
  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const done = this.#settingBreakpoints.then(change);
    this.#settingBreakpoints = done.catch(() => undefined);
    return done;
  }

  async #setExceptions(filters: Json[]): Promise<JsonObject> {
    this.#exceptions = filters.includes("all") ? "all" : filters.includes("uncaught") ? "uncaught" : "none";
    await this.#applyExceptions();
    return {};
  }

  /** V8's own guess of what is uncaught fails in cells, whose promise the kernel takes: all are looked at. */
  async #applyExceptions(): Promise<void> {
    const { inspector } = this.#services;
    const maxDepth = this.#exceptions === "uncaught" ? ASYNC_DEPTH : 0;
    await inspector.post("Debugger.setAsyncCallStackDepth", { maxDepth });
    await inspector.post("Debugger.setPauseOnExceptions", { state: this.#exceptions === "none" ? "none" : "all" });
  }

  #exceptionInfo(): JsonObject {
    const exception = exceptionOf(this.#pause);
    if (exception === undefined) throw new DebugError("The program is not paused at an exception.");
    return { exceptionId: exception.name, description: exception.description, breakMode: "always" };
  }

  #source(path: string): JsonObject {
    const content = textOf(path, this.#cells);
    if (content === undefined) throw new DebugError(`There is neither a cell nor a file ${path}.`);
    return { content, mimeType: /\.[mc]?jsx?$/.test(path) ? "text/javascript" : "text/typescript" };
  }

  #modules(): JsonObject {
    const modules = this.#scripts.files().map(({ name, path }, id) => ({ id, name, path }));
    return { modules, totalModules: modules.length };
  }

  #stackTrace(parameters: JsonObject): JsonObject {
    const frames = this.#pause === undefined ? [] : stackFrames(this.#pause);
    const start = numberField(parameters, "startFrame", 0);
    const levels = numberField(parameters, "levels", 0) || frames.length;
    return { stackFrames: frames.slice(start, start + levels), totalFrames: frames.length };
  }

  #frame(parameters: JsonObject): PausedFrame {
    const id = numberField(parameters, "frameId", 1);
    const frame = this.#pause?.frames[id - 1];
    if (frame === undefined) throw new DebugError(`There is no frame ${id}: the program has gone on.`);
    return frame;
  }

  async #evaluate(parameters: JsonObject): Promise<JsonObject> {
    if (this.#pause === undefined) throw new DebugError("Code can be evaluated while the program is paused.");
    const value = await this.#frameCode.evaluate(this.#frame(parameters), textField(parameters, "expression"));
    const { value: result, variablesReference } = this.#variables.describe("", value);
    return { result, variablesReference };
  }

  async #richInspect(parameters: JsonObject): Promise<JsonObject> {
    const variable = textField(parameters, "variableName");
    if (!isIdentifier(variable)) return { data: {}, metadata: {} };
    const name = this.#services.localName(variable);
    const data =
      this.#pause === undefined
        ? await this.#globals.represent(name)
        : await this.#frameCode.represent(this.#frame(parameters), name);
    return { data, metadata: {} };
  }

  async #copyToGlobals(parameters: JsonObject): Promise<JsonObject> {
    const [from, to] = [textField(parameters, "srcVariableName"), textField(parameters, "dstVariableName")];
    if (!isIdentifier(from) || !isIdentifier(to))
      throw new DebugError(`"${from}" or "${to}" is not a name of a variable.`);
    const frame = this.#frame({ frameId: parameters.srcFrameId ?? 1 });
    const value = await this.#frameCode.put(frame, from);
    // Its end comes when the program has gone on; the variable is there at once.
    this.#globals.declare(this.#services.localName(to), SLOT).catch(() => undefined);
    const { value: text, variablesReference } = this.#variables.describe(to, value);
    return { value: text, variablesReference };
  }

  #onEvent(method: string, parameters: unknown): void {
    if (!this.#attached) return;
    if (method === "Debugger.scriptParsed") this.#scripts.add(parameters as Debugger.ScriptParsedEventDataType);
    else if (method === "Debugger.paused") void this.#onPaused(parameters as Debugger.PausedEventDataType);
    else if (method === "Debugger.resumed") this.#resumed();
  }

  async #onPaused(event: Debugger.PausedEventDataType): Promise<void> {
    const pause = describePause(event, this.#scripts);
    const isException = event.reason === "exception" || event.reason === "promiseRejection";
    // An exception of Node's own code is shown where the user's called it; the kernel's own concern nobody.
    if (isException ? pause.frames.length === 0 : !pause.inUserCode) return this.#leave(pause);
    if (isException && this.#exceptions === "uncaught" && (await isCaught(pause, this.#scripts, this.#cells)))
      return this.#leave({ ...pause, frames: [] });
    const reason: StopReason = isException
      ? "exception"
      : event.hitBreakpoints?.length
        ? "breakpoint"
        : (this.#expected ?? "breakpoint");
    this.#expected = undefined;
    this.#pause = pause;
    const text = exceptionOf(pause)?.description;
    this.#publish("stopped", {
      reason,
      threadId: MAIN_THREAD,
      allThreadsStopped: true,
      ...(text === undefined ? {} : { description: "Paused on exception", text }),
    });
  }

  /** Goes on from where there is nothing to show: in a library's code to where it was called, else to the next pause. */
  async #leave({ frames }: Pause): Promise<void> {
    const { inspector } = this.#services;
    await inspector.post(frames.length > 0 ? "Debugger.stepOut" : "Debugger.resume");
    if (this.#expected === "pause" && frames.length === 0) await inspector.post("Debugger.pause");
  }

  #resumed(): void {
    if (this.#pause === undefined) return;
    this.#pause = undefined;
    this.#variables.clear();
    this.#publish("continued", { threadId: MAIN_THREAD, allThreadsContinued: true });
  }

  #publish(event: string, body: JsonObject): void {
    this.#services.publish({ type: "event", seq: ++this.#sequence, event, body });
  }
}

/** Requests before debugging begins. */
const WITHOUT_ATTACHING = new Set(["initialize", "attach", "debugInfo", "dumpCell", "disconnect", "configurationDone"]);

function exceptionOf(pause: Pause | undefined): { name: string; description: string } | undefined {
  if (pause === undefined || !["exception", "promiseRejection"].includes(pause.event.reason)) return undefined;
  const exception = (pause.event.data ?? {}) as Partial<Runtime.RemoteObject>;
  const description = exception.description ?? String(exception.value);
  return { name: exception.className ?? "exception", description: description.split("\n", 1)[0] ?? "" };
}
