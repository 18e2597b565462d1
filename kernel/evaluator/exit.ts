import { report } from "./reports.js";

/** Has the front process told when user code ends this one. Node's own way would wait for the inspector's sessions. */
export function installExit(): void {
  const exit = (code?: number): void => {
    report({ type: "exit", code: code ?? 0 });
    process.kill(process.pid, "SIGKILL");
  };
  // The last thing that process.exit() calls, after the "exit" listeners.
  Object.assign(process, { reallyExit: exit });
}
