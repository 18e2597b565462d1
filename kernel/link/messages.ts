/** What the front process and the evaluator say to each other. Types only. */
import type { Json } from "../../src/protocol.js";

/**
 * Where text of a compiled cell comes from: quadruples (line, column, original line, original column), all from 0, in
 * the order of the compiled text. Between two entries the text is the original's, or, where the original column is
 * negative, an insertion: see positions.ts.
 */
export type PositionMap = number[];

/** A cell, ready to be evaluated as one script. */
export interface CompiledCell {
  /** Name in stack traces: `Cell[3]`. */
  name: string;
  source: string;
  script: string;
  positions: PositionMap;
}

export interface ExecuteCommand {
  type: "execute";
  execution: number;
  executionCount: number;
  cell: CompiledCell;
  silent: boolean;
  /** Whether the value is kept for later cells, as `_`. */
  storeResult: boolean;
  allowStdin: boolean;
  /** User expressions, each compiled as a cell of its own. */
  expressions: Record<string, CompiledCell>;
}

/** A comm message from the front end; the parts of the frame are its buffers. */
export interface CommCommand {
  type: "comm_open" | "comm_msg" | "comm_close";
  /** Number of the message: comm messages that are sent in answer name it. */
  request: number;
  commId: string;
  target: string;
  data: Json;
}

/** To the evaluator's main thread. */
export type Command = ExecuteCommand | CommCommand;

/** An error as Jupyter shows it. */
export interface ErrorReport {
  ename: string;
  evalue: string;
  traceback: string[];
}

export interface Payload {
  source: string;
  [key: string]: Json;
}

export type ExecutionResult =
  | { status: "ok"; userExpressions: Record<string, Json>; payload: Payload[]; resultText?: string }
  | { status: "error"; error: ErrorReport };

/** From the evaluator's main thread. */
export type Report =
  /** `globals` are those before any cell ran: cells that redefine them get a name of their own. */
  | { type: "ready"; nodeVersion: string; globals: string[] }
  | { type: "stream"; execution: number; name: "stdout" | "stderr"; text: string }
  /** An iopub message; the first part is its content as JSON, the others are its buffers. */
  | { type: "publish"; execution: number; messageType: string; metadata?: { [key: string]: Json } }
  /** As `publish`, and the front process notes that the comm came or went. */
  | {
      type: "comm";
      execution: number;
      messageType: "comm_open" | "comm_msg" | "comm_close";
      commId: string;
      target: string;
      metadata?: { [key: string]: Json };
      /** The comm message of the front end that it answers. */
      request?: number;
    }
  /** A comm message of the front end has been handled, and what answers it has been sent. */
  | { type: "comm_handled"; request: number }
  | { type: "input"; execution: number; prompt: string; password: boolean }
  | { type: "done"; execution: number; result: ExecutionResult }
  /** User code ends the process, which waits for its end. */
  | ({ type: "exit" } & ({ code: number } | { signal: NodeJS.Signals }));

/** To the evaluator's control thread, which answers while the main thread is busy. */
export type ControlCommand =
  /** Stops an execution, or what still runs of it; late ones, which come when another has begun, stop nothing. */
  | { type: "interrupt"; execution: number }
  | { type: "input_reply"; value: string }
  /** Asks for property names of the value of a path such as `a.b`, or for names of variables where there is none. */
  | { type: "live_names"; query: number; path: string | undefined; prefix: string }
  /** Asks for a short description of the value of a path. */
  | { type: "live_value"; query: number; path: string }
  /** Connects the debugger to the main thread's inspector, or takes it off again. */
  | { type: "debug_start" }
  | { type: "debug_stop" }
  /** A command of the Chrome DevTools Protocol for that inspector. */
  | { type: "debug_command"; id: number; method: string; parameters: { [key: string]: Json } }
  /** Asks where a script could pause. */
  | { type: "debug_locations"; id: number; script: string };

/** From the control thread. */
export type ControlReport =
  /** The process occupies more memory than it may, and is to be ended. */
  | { type: "memory_exceeded" }
  | { type: "live"; query: number; texts: string[] }
  /** The answer to a `debug_command` or to `debug_locations`. */
  | { type: "debug_result"; id: number; result: Json }
  | { type: "debug_failure"; id: number; message: string }
  /** An event of the inspector. */
  | { type: "debug_event"; method: string; parameters: Json };

/** File descriptors of the pipes, as the evaluator sees them. */
export const PIPES = { reports: 3, commands: 4, control: 5 } as const;
