/** V8's inspector of the evaluator's main thread, reached through its control thread. */
import type { Json } from "../../src/protocol.js";
import type { ControlCommand, ControlReport } from "../link/messages.js";

type DebugReport = Extract<ControlReport, { type: `debug_${string}` }>;

interface PendingCommand {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export class InspectorLink {
  /** Called for the inspector's events. */
  onEvent: (method: string, parameters: unknown) => void = () => undefined;
  readonly #send: (command: ControlCommand) => void;
  readonly #pending = new Map<number, PendingCommand>();
  #commands = 0;

  constructor(send: (command: ControlCommand) => void) {
    this.#send = send;
  }

  start(): void {
    this.#send({ type: "debug_start" });
  }

  stop(): void {
    this.#send({ type: "debug_stop" });
    this.abandon();
  }

  /** Has the inspector carry out a command of the Chrome DevTools Protocol; rejects with what the inspector says against it. */
  post<Result = object>(method: string, parameters: { [key: string]: Json } = {}): Promise<Result> {
    return this.#request((id) => ({ type: "debug_command", id, method, parameters }));
  }

  /** The positions, lines and columns from 0, at which a script could pause; rejects if it does not compile. */
  breakLocations(script: string): Promise<[line: number, column: number][]> {
    return this.#request((id) => ({ type: "debug_locations", id, script }));
  }

  receive(report: DebugReport): void {
    if (report.type === "debug_event") return this.onEvent(report.method, report.parameters);
    const pending = this.#pending.get(report.id);
    this.#pending.delete(report.id);
    if (report.type === "debug_result") pending?.resolve(report.result);
    else pending?.reject(new Error(report.message));
  }

  /** Rejects all commands that wait: nobody answers them any more. */
  abandon(): void {
    for (const { reject } of this.#pending.values()) reject(new Error("The evaluator has ended."));
    this.#pending.clear();
  }

  #request<Result>(command: (id: number) => ControlCommand): Promise<Result> {
    const id = ++this.#commands;
    return new Promise<Result>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#send(command(id));
    });
  }
}
