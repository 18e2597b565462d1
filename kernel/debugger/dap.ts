/** The part of the Debug Adapter Protocol, and of Jupyter's additions to it, that the kernel speaks. Names are its own. */
import type { Json } from "../../src/protocol.js";

// Types, not interfaces: only they are assignable to the JSON of a message.

export type Source = { name: string; path: string };

export type Breakpoint = { verified: boolean; line?: number; column?: number; source: Source; message?: string };

export type StackFrame = { id: number; name: string; source: Source; line: number; column: number };

export type Scope = { name: string; variablesReference: number; expensive: boolean };

/** Without its type, which the value tells: JupyterLab shows a type that is none of Python's in the place of the value. */
export type Variable = {
  name: string;
  value: string;
  /** 0 where there is nothing to expand. */
  variablesReference: number;
};

export type StopReason = "breakpoint" | "step" | "exception" | "pause";

/** What the adapter can do, as `initialize` answers; what is not named it cannot. */
export const CAPABILITIES = {
  supportsConfigurationDoneRequest: true,
  supportsExceptionInfoRequest: true,
  exceptionBreakpointFilters: [
    { filter: "all", label: "Raised Exceptions", default: false },
    { filter: "uncaught", label: "Uncaught Exceptions", default: false },
  ],
} satisfies Record<string, Json>;

/** The one thread of JavaScript that runs cells. */
export const MAIN_THREAD = 1;

/** A request cannot be answered; the message is for the user. */
export class DebugError extends Error {
  override readonly name = "DebugError";
}
