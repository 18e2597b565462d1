/** Errors that no cell awaits: thrown in timers and other callbacks, or rejections that nobody handles. */
import { KeyboardInterrupt } from "./interrupts.js";
import { publish } from "./publish.js";
import { currentScope } from "./scope.js";
import { reportError } from "./traceback.js";

/** Reports them as output of the cell that caused them; the process goes on. */
export function watchLateErrors(): void {
  const publishError = (error: unknown): void => {
    // What an interrupted cell leaves behind fails for the interrupt's sake, which has been told.
    if (error instanceof KeyboardInterrupt) return;
    if (currentScope()?.controller.signal.aborted === true && error instanceof Error && error.name === "AbortError")
      return;
    publish("error", { ...reportError(error) });
  };
  process.on("uncaughtException", publishError);
  process.on("unhandledRejection", publishError);
}
