/** Evaluation of scripts by this thread's own inspector session, in V8's REPL mode. */
import { Session } from "node:inspector";
import type { Runtime } from "node:inspector";

const OBJECT_GROUP = "cell";
let session = connect();
let pending = 0;

/** How a script ended: normally, with a value thrown, or killed by the control thread. */
export type Completion =
  | { kind: "normal" }
  | { kind: "thrown"; value: unknown; url: string | undefined; line: number; column: number }
  | { kind: "terminated" };

function connect(): Session {
  const session = new Session();
  session.connect();
  return session;
}

interface Slot {
  value: unknown;
}

/** Runs a script in the global scope. Its first, synchronous part has run when this function returns. */
export async function evaluate(script: string, slot: Slot): Promise<Completion> {
  let details: Runtime.ExceptionDetails | undefined;
  pending++;
  try {
    details = await postEvaluate(script);
  } catch {
    // V8 says "Execution was terminated" or, in later versions, "Internal error".
    return { kind: "terminated" };
  } finally {
    pending--;
  }
  if (details === undefined) return { kind: "normal" };
  const { exception, url, lineNumber: line, columnNumber: column } = details;
  if (exception === undefined) return { kind: "terminated" };
  const value = materialise(exception, slot);
  session.post("Runtime.releaseObjectGroup", { objectGroup: OBJECT_GROUP });
  return { kind: "thrown", value, url, line, column };
}

/** Forgets scripts whose end nobody awaits any more: Node 22 aborts when V8 reports a promise that it has collected. */
export function abandonEvaluations(): void {
  if (pending === 0) return;
  session.disconnect();
  session = connect();
}

/** Frees what the inspector keeps of a cell: messages of exceptions and of Node's own console. */
export function discardEntries(): void {
  session.post("Runtime.discardConsoleEntries");
}

/**
 * Ends the JavaScript that is running on this thread, as soon as this function returns to it. What it had entered of
 * Node's asynchronous contexts is left first: Node aborts when it finds contexts that a killed callback did not leave.
 */
export function terminateExecution(): void {
  clearAsyncIdStack();
  // And again when it has ended: until then it may have entered others.
  session.post("Runtime.terminateExecution", clearAsyncIdStack);
}

interface InternalBindings {
  binding(name: "async_wrap"): { clearAsyncIdStack(): void };
}

const clearAsyncIdStack = findClearAsyncIdStack();

/** Node 24 has no such function, and needs none: there the context is not kept on a stack. */
function findClearAsyncIdStack(): () => void {
  try {
    return (process as unknown as InternalBindings).binding("async_wrap").clearAsyncIdStack;
  } catch {
    return () => undefined;
  }
}

function postEvaluate(expression: string): Promise<Runtime.ExceptionDetails | undefined> {
  const parameters = { expression, replMode: true, awaitPromise: true, objectGroup: OBJECT_GROUP };
  return new Promise((resolve, reject) => {
    session.post("Runtime.evaluate", parameters, (error: Error | null, result: Runtime.EvaluateReturnType) => {
      if (error === null) resolve(result.exceptionDetails);
      else reject(error);
    });
  });
}

/** The value that a remote object stands for, not serialised. */
function materialise(object: Runtime.RemoteObject, slot: Slot): unknown {
  if (object.objectId !== undefined) {
    const functionDeclaration = `function(){"use strict";$$cell.value=this}`;
    session.post("Runtime.callFunctionOn", { objectId: object.objectId, functionDeclaration });
    const { value } = slot;
    slot.value = undefined;
    return value;
  }
  if (object.unserializableValue === undefined)
    return object.type === "undefined" ? undefined : (object.value as unknown);
  if (object.unserializableValue.endsWith("n")) return BigInt(object.unserializableValue.slice(0, -1));
  return Number(object.unserializableValue);
}
