import { report } from "./reports.js";

/**
 * Has the front process told that user code ends this one, and ends it by waiting for the front process to do so: Node's
 * own ways, `process.kill` of itself included, first wait for the inspector's sessions and say so on stderr.
 */
export function installExit(): void {
  const exit = (code?: number): void => {
    report({ type: "exit", code: code ?? 0 });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0);
  };
  // The last thing that process.exit() calls, after the "exit" listeners.
  Object.assign(process, { reallyExit: exit });
}
