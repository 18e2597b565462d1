import type { MessagePort } from "node:worker_threads";

/** Words of memory that the evaluator's main thread and its control thread share, because either may be stuck waiting. */
export const Word = {
  /** Number of the latest interrupt that the main thread heeded. */
  acknowledged: 0,
  /** Number of the latest execution that has begun: interrupts of earlier ones come too late. */
  execution: 1,
  /** 1 while printed text waits to be sent. */
  outputPending: 2,
  /** State of a `prompt()`: see {@link Input}. */
  input: 3,
} as const;

export const Input = { none: 0, waiting: 1, answered: 2, interrupted: 3 } as const;

export type SharedState = Int32Array<SharedArrayBuffer>;

export function createSharedState(): SharedState {
  return new Int32Array(new SharedArrayBuffer(Object.keys(Word).length * Int32Array.BYTES_PER_ELEMENT));
}

/** What the control thread tells the main thread: to stop an execution. */
export interface ControlMessage {
  /** Number of the interrupt, for the acknowledgement. */
  interrupt: number;
  execution: number;
}

/** Whether the main thread has still to hear it. */
export function isUnheeded({ interrupt, execution }: ControlMessage, shared: SharedState): boolean {
  return Atomics.load(shared, Word.acknowledged) < interrupt && Atomics.load(shared, Word.execution) <= execution;
}

export interface ControlWorkerData {
  shared: SharedState;
  inputPort: MessagePort;
  /** Bytes that the process may occupy. */
  memoryLimit: number;
}
