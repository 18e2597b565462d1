/** Joins pieces of printed text, so that a cell that prints a million lines does not send a million messages. */
import type { Header } from "../wire/message.js";
import type { Messenger } from "./messenger.js";
import { OutputGuard, outputLimit } from "./output-guard.js";

type StreamName = "stdout" | "stderr";

/** The first text after a pause is sent at once, later text together after this time in milliseconds. */
const INTERVAL_MS = 25;
const MAX_CHARACTERS = 1 << 18;

export class StreamBuffer {
  readonly #messenger: Messenger;
  readonly #guard = new OutputGuard(outputLimit(process.env));
  #pieces: string[] = [];
  #characters = 0;
  #name: StreamName = "stdout";
  #parent: Header | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(messenger: Messenger) {
    this.#messenger = messenger;
  }

  write(name: StreamName, text: string, parent: Header | undefined): void {
    if (name !== this.#name || parent !== this.#parent) this.#sendAll();
    else if (this.#characters > MAX_CHARACTERS) this.#send();
    this.#name = name;
    this.#parent = parent;
    this.#pieces.push(text);
    this.#characters += text.length;
    if (this.#timer !== undefined) return;
    this.#send();
    this.#timer = setTimeout(() => this.#onTimer(), INTERVAL_MS);
  }

  /** Sends what waits: before any other output, and at the end of a cell. */
  flush(): void {
    this.#sendAll();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #onTimer(): void {
    const isPrinting = this.#pieces.length > 0;
    this.#timer = isPrinting ? setTimeout(() => this.#onTimer(), INTERVAL_MS) : undefined;
    if (isPrinting) this.#send();
    else this.#sendAll();
  }

  #send(): void {
    if (this.#pieces.length === 0) return;
    const text = this.#pieces.join("");
    this.#pieces = [];
    this.#characters = 0;
    this.#publish(this.#guard.take(text));
  }

  /** Sends also what the guard held back. */
  #sendAll(): void {
    this.#send();
    if (this.#guard.isHolding) this.#publish(this.#guard.release());
  }

  #publish(text: string): void {
    if (text !== "") this.#messenger.publish("stream", this.#parent, { name: this.#name, text });
  }
}
