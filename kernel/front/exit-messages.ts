import type { ErrorReport } from "../link/messages.js";
import type { NodeBinary } from "../node-binaries.js";
import type { EvaluatorExit } from "./evaluator-process.js";
import { toMegabytes } from "./memory-limit.js";

const RESTARTED = "It was restarted: the variables of all cells are gone.";

/** Tells why the evaluator is no longer there, and what that means. */
export function describeExit(
  { requested, code, signal, outOfMemory }: EvaluatorExit,
  memoryLimit: number,
): ErrorReport {
  if (outOfMemory) return restartReport("MemoryLimitError", memoryMessage(memoryLimit));
  if (requested !== undefined) return restartReport("EvaluatorExit", `process.exit(${requested}) ended the evaluator.`);
  return restartReport("EvaluatorExit", `The evaluator ended unexpectedly (${ending(code, signal)}).`);
}

/** Tells why an evaluator did not come up, with the line in which it says so itself. */
export function describeStartFailure({ code, signal, startError }: EvaluatorExit, printed: string): string {
  if (startError !== undefined) return startError.message;
  const lines = printed.split("\n").filter((line) => line.trim() !== "");
  return [ending(code, signal), lines.find((line) => /error|not|bad/i.test(line)) ?? lines[0]]
    .filter(Boolean)
    .join(": ");
}

/** Tells that a Node does not run cells, and which one does. */
export function describeFallback(failed: NodeBinary, reason: string, next: NodeBinary): string {
  const origin =
    failed.origin === "PHASEBOOK_NODE" ? "the environment variable PHASEBOOK_NODE" : "phasebook install-node";
  return `Cells cannot run on ${failed.path}, the Node of ${origin} (${reason}). They run on ${next.path} instead.`;
}

function ending(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}

function memoryMessage(limit: number): string {
  const remedy = "To allow more, start Jupyter with the environment variable PHASEBOOK_MEMORY_LIMIT_MB.";
  return `The cells' data needed more than the limit of ${toMegabytes(limit)} MB. ${remedy}`;
}

/** Of a cell that was interrupted before it began. */
export const INTERRUPTED = errorReport("KeyboardInterrupt", "The cell was interrupted.");

export const UNRESPONSIVE = restartReport(
  "KeyboardInterrupt",
  "The cell did not react to an interrupt, and the evaluator was ended.",
);

function restartReport(ename: string, what: string): ErrorReport {
  return errorReport(ename, `${what} ${RESTARTED}`);
}

function errorReport(ename: string, evalue: string): ErrorReport {
  return { ename, evalue, traceback: [`\u001b[31m${ename}\u001b[39m: ${evalue}`] };
}
