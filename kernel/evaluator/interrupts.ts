/** The main thread's half of interrupts and of `prompt()`; the control thread has the other (control-worker.ts). */
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { terminateExecution } from "./inspector.js";
import {
  createSharedState,
  Input,
  isUnheeded,
  Word,
  type ControlMessage,
  type ControlWorkerData,
} from "./shared-state.js";

/** What an interrupted cell throws. The name is the one that Jupyter's clients and users know from Python. */
export class KeyboardInterrupt extends Error {
  override readonly name = "KeyboardInterrupt";

  constructor() {
    super("The cell was interrupted.");
    // Where the kernel made it is of no use to anybody.
    this.stack = `${this.name}: ${this.message}`;
  }
}

export const shared = createSharedState();

const { port1: inputPort, port2: remoteInputPort } = new MessageChannel();
inputPort.unref();

/**
 * Starts the control thread, which ends the process when it occupies more bytes than the limit.
 *
 * @param onInterrupt Called on the main thread, once for each interrupt, with the execution that it is meant for.
 */
export function startControlThread(memoryLimit: number, onInterrupt: (execution: number) => void): void {
  const workerData: ControlWorkerData = { shared, inputPort: remoteInputPort, memoryLimit };
  const worker = new Worker(new URL("./control-worker.js", import.meta.url), {
    workerData,
    transferList: [remoteInputPort],
    execArgv: [],
  });
  worker.on("message", (message: ControlMessage) => {
    if (!isUnheeded(message, shared)) return;
    runUndisturbed(() => {
      Atomics.store(shared, Word.acknowledged, message.interrupt);
      onInterrupt(message.execution);
    });
  });
}

let undisturbed = false;

/** Runs kernel code that is not to be ended half-way; an interrupt that comes meanwhile ends what called it. */
export function runUndisturbed<Result>(run: () => Result): Result {
  const outer = undisturbed;
  undisturbed = true;
  try {
    return run();
  } finally {
    undisturbed = outer;
  }
}

/** Ends what this thread runs, if the interrupt is still unheard; where that must not be now, the control thread comes again. */
export function terminateUnlessHeeded(interrupt: number, execution: number): void {
  if (!undisturbed && isUnheeded({ interrupt, execution }, shared)) terminateExecution();
}

/** Blocks this thread until the user has answered; `ask` sends the question. Throws a {@link KeyboardInterrupt}. */
export function waitForInput(ask: () => void): string {
  while (receiveMessageOnPort(inputPort) !== undefined);
  Atomics.store(shared, Word.input, Input.waiting);
  ask();
  Atomics.wait(shared, Word.input, Input.waiting);
  const state = Atomics.exchange(shared, Word.input, Input.none);
  if (state === Input.interrupted) throw new KeyboardInterrupt();
  const { message } = receiveMessageOnPort(inputPort) as { message: string };
  return message;
}
