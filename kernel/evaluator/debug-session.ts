/** The debugger's session with the main thread, and what else it needs of V8. In the control thread, because a paused main thread runs nothing. */
import { Session } from "node:inspector";
import type { Debugger, Runtime } from "node:inspector";
import type { Json } from "../../src/protocol.js";
import type { ControlReport } from "../link/messages.js";

const FORWARDED = new Set(["Debugger.paused", "Debugger.resumed", "Debugger.scriptParsed"]);
/** Compiles a cell's script, whose `await` is allowed in a function only. */
const WRAPPER = ["(async function(){", "\n})"] as const;

interface Notification {
  method: string;
  params: Json;
}

export class DebugSession {
  readonly #send: (report: ControlReport) => void;
  #session: Session | undefined;
  #paused = false;

  constructor(send: (report: ControlReport) => void) {
    this.#send = send;
  }

  start(): void {
    this.stop();
    const session = new Session();
    session.connectToMainThread();
    session.on("inspectorNotification", ({ method, params }: Notification) => {
      if (method === "Debugger.paused" || method === "Debugger.resumed") this.#paused = method === "Debugger.paused";
      if (FORWARDED.has(method)) this.#send({ type: "debug_event", method, parameters: params });
    });
    this.#session = session;
  }

  stop(): void {
    // A paused main thread goes on.
    this.#session?.post("Debugger.disable");
    this.#session?.disconnect();
    this.#session = undefined;
    this.#paused = false;
  }

  post(id: number, method: string, parameters: object): void {
    if (this.#session === undefined) return this.#fail(id, "The debugger is not attached.");
    this.#session.post(method, parameters, (error, result) => {
      if (error === null) this.#send({ type: "debug_result", id, result: (result ?? {}) as Json });
      else this.#fail(id, error.message);
    });
  }

  /** Whether the main thread waits at a breakpoint. */
  get isPaused(): boolean {
    return this.#paused;
  }

  /** Lets a paused main thread go on. */
  resume(): void {
    this.#session?.post("Debugger.resume");
  }

  /** Answers where a script could pause; V8 itself says so, in this thread, where it disturbs no one. */
  findLocations(id: number, script: string): void {
    const session = new Session();
    session.connect();
    try {
      this.#send({ type: "debug_result", id, result: breakLocations(session, script) });
    } catch (error) {
      this.#fail(id, error instanceof Error ? error.message : String(error));
    } finally {
      session.disconnect();
    }
  }

  #fail(id: number, message: string): void {
    this.#send({ type: "debug_failure", id, message });
  }
}

function breakLocations(session: Session, script: string): [line: number, column: number][] {
  const [before, after] = WRAPPER;
  postNow(session, "Runtime.enable");
  postNow(session, "Debugger.enable");
  const compiled = postNow(session, "Runtime.compileScript", {
    expression: before + script + after,
    sourceURL: "",
    persistScript: true,
  }) as Runtime.CompileScriptReturnType;
  if (compiled.scriptId === undefined) throw new SyntaxError(compiled.exceptionDetails?.exception?.description);
  const { locations } = postNow(session, "Debugger.getPossibleBreakpoints", {
    start: { scriptId: compiled.scriptId, lineNumber: 0, columnNumber: before.length },
  }) as Debugger.GetPossibleBreakpointsReturnType;
  const lines = script.split("\n").length;
  return locations
    .filter(({ lineNumber }) => lineNumber < lines)
    .map(({ lineNumber, columnNumber = 0 }) => [
      lineNumber,
      lineNumber === 0 ? columnNumber - before.length : columnNumber,
    ]);
}

/** The answer of a session of this thread, which comes before `post` returns. */
function postNow(session: Session, method: string, parameters: object = {}): unknown {
  let answer: { error: Error | null; result: unknown } | undefined;
  session.post(method, parameters, (error, result) => (answer = { error, result }));
  if (answer?.error !== null) throw answer?.error ?? new Error(`${method} gave no answer`);
  return answer.result;
}
