/** `prompt()` and `confirm()`: questions to the user that block, as in a browser. */
import { waitForInput } from "./interrupts.js";
import { report } from "./reports.js";
import { currentScope } from "./scope.js";

/** Asks for a line of text. With `password` the front end hides what is typed. */
export function prompt(message = "", { password = false }: { password?: boolean } = {}): string {
  const scope = currentScope();
  if (scope?.allowStdin !== true) throw new Error("prompt() needs a front end that can ask the user; this one cannot");
  return waitForInput(() => report({ type: "input", execution: scope.execution, prompt: message, password }));
}

/** Asks until the answer is y or n. */
export function confirm(message = ""): boolean {
  for (;;) {
    const answer = prompt(`${message} [y/n] `).trim().toLowerCase();
    if (answer === "y" || answer === "yes") return true;
    if (answer === "n" || answer === "no") return false;
  }
}
