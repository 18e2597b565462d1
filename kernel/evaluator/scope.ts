/** The asynchronous context of a cell: by it, output of late callbacks finds the cell that caused it. */
import { AsyncLocalStorage } from "node:async_hooks";

/** What belongs to one execution; kept alive by the callbacks that the cell left behind. */
export interface CellScope {
  readonly execution: number;
  readonly name: string;
  /** Whether the front end can ask the user for input. */
  readonly allowStdin: boolean;
  /** Aborted when the execution is interrupted. */
  readonly controller: AbortController;
  /** Whether anything listens for interrupts, and deserves a moment to react. */
  signalTaken: boolean;
}

const storage = new AsyncLocalStorage<CellScope>();
let latest: CellScope | undefined;

/** Runs a function and all that it starts as part of the execution. */
export function runInScope<Result>(scope: CellScope, run: () => Result): Result {
  latest = scope;
  return storage.run(scope, run);
}

/** The execution whose code, timers or promises are running; that of the latest cell where that is unknown. */
export function currentScope(): CellScope | undefined {
  return storage.getStore() ?? latest;
}

/** The execution whose asynchronous context this is; undefined in the kernel's own code. */
export function storedScope(): CellScope | undefined {
  return storage.getStore();
}

/** The function, bound to the execution that is running now. */
export function bindToScope<Parameters extends unknown[], Result>(
  run: (...parameters: Parameters) => Result,
): (...parameters: Parameters) => Result {
  return AsyncLocalStorage.bind(run);
}
