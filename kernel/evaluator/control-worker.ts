/**
 * The evaluator's second thread: it hears the front process while the main thread computes or blocks, stops what runs
 * there, answers its `prompt()`, and ends the process when the front process is gone.
 */
import { Session } from "node:inspector";
import { Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { CELL_OBJECT } from "../cell/cell-object.js";
import { encodeFrame, FrameReader } from "../link/frames.js";
import { PIPES, type ControlCommand, type ControlReport } from "../link/messages.js";
import { LiveValues } from "./live-values.js";
import { watchMemory } from "./memory-watch.js";
import { Input, Word, type ControlMessage, type ControlWorkerData } from "./shared-state.js";

/** A main thread that does not answer within this time is in a loop, and is terminated. */
const PATIENCE_MS = 100;
const RETRY_MS = 250;
/** After this time without an answer the main thread must be in native code. */
const GIVE_UP_MS = 1500;
const POLL_MS = 10;
/** How long printed text may wait in a main thread that computes. */
const OUTPUT_DELAY_MS = 30;

const { shared, inputPort, memoryLimit } = workerData as ControlWorkerData;
const session = new Session();
session.connectToMainThread();
const live = new LiveValues(session);
const pipe = new Socket({ fd: PIPES.control, readable: true, writable: true });

function send(report: ControlReport): void {
  for (const chunk of encodeFrame(report)) pipe.write(chunk);
}

function tellMain(message: ControlMessage): void {
  parentPort?.postMessage(message);
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Asks the main thread to stop its cell; where it cannot even hear, terminates what it runs and asks again. */
async function interrupt(number: number): Promise<void> {
  tellMain({ type: "interrupt", interrupt: number });
  answerInput(Input.interrupted);
  const start = performance.now();
  let next = start + PATIENCE_MS;
  while (Atomics.load(shared, Word.acknowledged) < number) {
    const now = performance.now();
    if (now - start > GIVE_UP_MS) {
      send({ type: "unresponsive", interrupt: number });
      return;
    }
    if (now > next) {
      next = now + RETRY_MS;
      session.post("Runtime.evaluate", { expression: `${CELL_OBJECT}.terminate(${number})` });
      tellMain({ type: "interrupt", interrupt: number });
    }
    await pause(POLL_MS);
  }
  send({ type: "interrupted", interrupt: number });
}

function answerInput(answer: number): void {
  if (Atomics.compareExchange(shared, Word.input, Input.waiting, answer) === Input.waiting) {
    Atomics.notify(shared, Word.input);
  }
}

/** Text that was printed before a long computation must not wait for its end. */
async function watchOutput(): Promise<never> {
  for (;;) {
    await Atomics.waitAsync(shared, Word.outputPending, 0).value;
    await pause(OUTPUT_DELAY_MS);
    if (Atomics.load(shared, Word.outputPending) === 0) continue;
    await new Promise((resolve) => session.post("Runtime.evaluate", { expression: `${CELL_OBJECT}.flush()` }, resolve));
  }
}

const reader = new FrameReader<ControlCommand>();
pipe.on("data", (chunk: Buffer) => {
  for (const { header } of reader.push(chunk)) {
    switch (header.type) {
      case "interrupt":
        void interrupt(header.interrupt);
        break;
      case "input_reply":
        inputPort.postMessage(header.value);
        answerInput(Input.answered);
        break;
      case "live_names":
        void live.names(header.path, header.prefix).then((texts) => send({ type: "live", query: header.query, texts }));
        break;
      case "live_value":
        void live
          .value(header.path)
          .then((text) => send({ type: "live", query: header.query, texts: text === undefined ? [] : [text] }));
    }
  }
});
const end = (): void => void process.kill(process.pid, "SIGKILL");
watchMemory(memoryLimit, () => send({ type: "memory_exceeded" }));
pipe.on("close", end).on("error", end);
void watchOutput();
