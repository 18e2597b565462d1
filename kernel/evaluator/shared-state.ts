import type { MessagePort } from "node:worker_threads";

/** Words of memory that the evaluator's main thread and its control thread share, because either may be stuck waiting. */
export const Word = {
  /** Number of the latest interrupt that the main thread heeded. */
  acknowledged: 0,
  /** 1 while printed text waits to be sent. */
  outputPending: 1,
  /** State of a `prompt()`: see {@link Input}. */
  input: 2,
} as const;

export const Input = { none: 0, waiting: 1, answered: 2, interrupted: 3 } as const;

export type SharedState = Int32Array<SharedArrayBuffer>;

export function createSharedState(): SharedState {
  return new Int32Array(new SharedArrayBuffer(Object.keys(Word).length * Int32Array.BYTES_PER_ELEMENT));
}

/** Messages from the control thread to the main thread. */
export type ControlMessage = { type: "interrupt"; interrupt: number };

export interface ControlWorkerData {
  shared: SharedState;
  inputPort: MessagePort;
  /** Bytes that the process may occupy. */
  memoryLimit: number;
}
