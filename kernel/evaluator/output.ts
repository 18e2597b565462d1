/** `process.stdout`, `process.stderr` and `console` of user code. */
import { Console } from "node:console";
import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { sendNow, setBeforeReport } from "./reports.js";
import { shared } from "./interrupts.js";
import { currentScope } from "./scope.js";
import { Word } from "./shared-state.js";

type StreamName = "stdout" | "stderr";

/** In each window this many writes are sent at once; more are gathered, because a system call each would be slow. */
const DIRECT_WRITES = 50;
const WINDOW_MS = 10;
const MAX_PENDING = 1 << 15;

const now = performance.now.bind(performance);

/** Text on its way to the front process, in the order of writing. */
class OutputBuffer {
  #text = "";
  #name: StreamName = "stdout";
  #execution = 0;
  #windowEnd = 0;
  #writes = 0;
  #flushing: NodeJS.Immediate | undefined;

  write(name: StreamName, text: string): void {
    const execution = currentScope()?.execution ?? 0;
    if (name !== this.#name || execution !== this.#execution) this.flush();
    this.#name = name;
    this.#execution = execution;
    this.#text += text;
    const time = now();
    if (time > this.#windowEnd) {
      this.#windowEnd = time + WINDOW_MS;
      this.#writes = 0;
    }
    if (++this.#writes <= DIRECT_WRITES || this.#text.length > MAX_PENDING) return this.flush();
    if (this.#flushing !== undefined) return;
    this.#flushing = setImmediateOriginal(() => this.flush());
    // The control thread asks for a flush when this stays so because the main thread computes.
    Atomics.store(shared, Word.outputPending, 1);
    Atomics.notify(shared, Word.outputPending);
  }

  readonly flush = (): void => {
    const text = this.#text;
    if (text === "") return;
    this.#text = "";
    Atomics.store(shared, Word.outputPending, 0);
    clearImmediateOriginal(this.#flushing);
    this.#flushing = undefined;
    sendNow({ type: "stream", execution: this.#execution, name: this.#name, text });
  };
}

const setImmediateOriginal = setImmediate;
const clearImmediateOriginal = clearImmediate;

export const output = new OutputBuffer();

/** Puts streams and a console that write to the cell's output in the place of Node's. */
export function installOutput(): void {
  setBeforeReport(output.flush);
  for (const stream of [new OutputStream("stdout", 1), new OutputStream("stderr", 2)]) {
    Object.defineProperty(process, stream.name, { get: () => stream, configurable: true, enumerable: true });
  }
  const { stdout, stderr } = process;
  // Node's own console also feeds the inspector, which keeps what was logged.
  const console = new Console({ stdout, stderr, ignoreErrors: true });
  Object.defineProperty(globalThis, "console", {
    value: console,
    writable: true,
    configurable: true,
    enumerable: false,
  });
}

/**
 * A stream whose `write` has done its work when it returns. Node's own `write` keeps the state of a write in progress,
 * which an interrupt in its middle would leave so for ever.
 */
class OutputStream extends Writable {
  readonly isTTY = false;
  readonly #decoder = new StringDecoder("utf8");

  constructor(
    readonly name: StreamName,
    readonly fd: number,
  ) {
    super();
  }

  override write(chunk: unknown, encoding?: BufferEncoding | WriteCallback, callback?: WriteCallback): boolean {
    output.write(
      this.name,
      chunk instanceof Uint8Array ? this.#decoder.write(Buffer.from(chunk)) : decodeText(chunk, encoding),
    );
    const done = typeof encoding === "function" ? encoding : callback;
    if (done !== undefined) process.nextTick(done);
    return true;
  }
}

type WriteCallback = (error?: Error | null) => void;

function decodeText(chunk: unknown, encoding: unknown): string {
  const isEncoded = encoding === "hex" || encoding === "base64" || encoding === "base64url";
  return isEncoded ? Buffer.from(String(chunk), encoding).toString("utf8") : String(chunk);
}
