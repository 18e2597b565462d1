import { constants } from "node:os";
import { report } from "./reports.js";

/** Signals that end a process which does not listen to them, and that Node keeps for no purpose of its own. */
const ENDING = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGABRT", "SIGKILL", "SIGTERM"] as const;

/**
 * Has the front process told that user code ends this one, by `process.exit()` or a signal to itself, and ends it by
 * waiting for the front process to do so: in Node's own ways it first looks for the inspector's sessions, and says on
 * stderr that it waits for a debugger.
 */
export function installExit(): void {
  const end = (how: { code: number } | { signal: NodeJS.Signals }): void => {
    report({ type: "exit", ...how });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0);
  };
  // The last thing that process.exit() calls, after the "exit" listeners.
  Object.assign(process, { reallyExit: (code?: number) => end({ code: code ?? 0 }) });
  const kill = process.kill.bind(process);
  process.kill = (pid, signal = "SIGTERM") => {
    const ending = pid === process.pid ? endingSignal(signal) : undefined;
    if (ending !== undefined) end({ signal: ending });
    return kill(pid, signal);
  };
}

function endingSignal(signal: string | number): NodeJS.Signals | undefined {
  const name = ENDING.find((name) => name === signal || constants.signals[name] === signal);
  return name === undefined || process.listenerCount(name) > 0 ? undefined : name;
}
