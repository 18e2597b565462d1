import type { ErrorReport } from "../link/messages.js";
import type { EvaluatorExit } from "./evaluator-process.js";

const RESTARTED = "It was restarted: the variables of all cells are gone.";

/** Tells why the evaluator is no longer there, and what that means. */
export function describeExit({ requested, code, signal, outOfMemory }: EvaluatorExit): ErrorReport {
  if (outOfMemory) return restartReport("OutOfMemory", "The evaluator ran out of memory.");
  if (requested !== undefined) return restartReport("EvaluatorExit", `process.exit(${requested}) ended the evaluator.`);
  return restartReport(
    "EvaluatorExit",
    `The evaluator ended unexpectedly (${signal === null ? `exit code ${code}` : `signal ${signal}`}).`,
  );
}

export const UNRESPONSIVE = restartReport(
  "KeyboardInterrupt",
  "The cell did not react to an interrupt, and the evaluator was ended.",
);

function restartReport(ename: string, what: string): ErrorReport {
  const evalue = `${what} ${RESTARTED}`;
  return { ename, evalue, traceback: [`\u001b[31m${ename}\u001b[39m: ${evalue}`] };
}
