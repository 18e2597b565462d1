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
import { DebugSession } from "./debug-session.js";
import { LiveValues } from "./live-values.js";
import { watchMemory } from "./memory-watch.js";
import { Input, isUnheeded, Word, type ControlMessage, type ControlWorkerData } from "./shared-state.js";

/** A main thread that does not answer within this time is in a loop, and is terminated. */
const PATIENCE_MS = 100;
const RETRY_MS = 250;
const POLL_MS = 10;
/** How long printed text may wait in a main thread that computes. */
const OUTPUT_DELAY_MS = 30;

const { shared, inputPort, memoryLimit } = workerData as ControlWorkerData;
const session = new Session();
session.connectToMainThread();
const live = new LiveValues(session);
const debug = new DebugSession(send);
const pipe = new Socket({ fd: PIPES.control, readable: true, writable: true });

function send(report: ControlReport): void {
  for (const chunk of encodeFrame(report)) pipe.write(chunk);
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

let interrupts = 0;

/** Asks the main thread to stop the execution; where it cannot even hear, terminates what it runs and asks again. */
async function interrupt(execution: number): Promise<void> {
  const message: ControlMessage = { interrupt: ++interrupts, execution };
  if (!isUnheeded(message, shared)) return;
  parentPort?.postMessage(message);
  answerInput(Input.interrupted);
  if (debug.isPaused) terminate(message, () => debug.resume());
  let next = performance.now() + PATIENCE_MS;
  // A later interrupt carries on in the place of this one.
  while (isUnheeded(message, shared) && message.interrupt === interrupts) {
    await pause(POLL_MS);
    if (performance.now() < next) continue;
    next = performance.now() + RETRY_MS;
    terminate(message);
    parentPort?.postMessage(message);
  }
}

let terminating = false;

/** One request at a time: of two that wait for the end of native code, the second would terminate the first. */
function terminate({ interrupt, execution }: ControlMessage, then: () => void = () => undefined): void {
  if (terminating) return;
  terminating = true;
  const expression = `${CELL_OBJECT}.terminate(${interrupt}, ${execution})`;
  session.post("Runtime.evaluate", { expression }, () => {
    terminating = false;
    then();
  });
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
        void interrupt(header.execution);
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
        break;
      case "debug_start":
        debug.start();
        break;
      case "debug_stop":
        debug.stop();
        break;
      case "debug_command":
        debug.post(header.id, header.method, header.parameters);
        break;
      case "debug_locations":
        debug.findLocations(header.id, header.script);
    }
  }
});
const end = (): void => void process.kill(process.pid, "SIGKILL");
watchMemory(memoryLimit, () => send({ type: "memory_exceeded" }));
pipe.on("close", end).on("error", end);
void watchOutput();
