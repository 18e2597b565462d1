/** The main thread's half of interrupts and of `prompt()`; the control thread has the other (control-worker.ts). */
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { terminateExecution } from "./inspector.js";
import { createSharedState, Input, Word, type ControlMessage, type ControlWorkerData } from "./shared-state.js";

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

/** Starts the control thread, which ends the process when it occupies more bytes than the limit. `onInterrupt` is called on the main thread, once for each interrupt. */
export function startControlThread(memoryLimit: number, onInterrupt: () => void): void {
  const workerData: ControlWorkerData = { shared, inputPort: remoteInputPort, memoryLimit };
  const worker = new Worker(new URL("./control-worker.js", import.meta.url), {
    workerData,
    transferList: [remoteInputPort],
    execArgv: [],
  });
  worker.on("message", ({ interrupt }: ControlMessage) => {
    if (interrupt <= Atomics.load(shared, Word.acknowledged)) return;
    Atomics.store(shared, Word.acknowledged, interrupt);
    onInterrupt();
  });
}

/** Ends what this thread runs, if the interrupt is still unheard. */
export function terminateUnlessHeeded(interrupt: number): void {
  if (Atomics.load(shared, Word.acknowledged) < interrupt) terminateExecution();
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
