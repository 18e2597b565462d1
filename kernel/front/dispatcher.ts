/** Brings each request to its handler, and tells clients when the kernel is busy with it. */
import { WireError, type Codec } from "../wire/codec.js";
import type { JsonObject, Message, RequestChannel } from "../wire/message.js";
import type { Messenger } from "./messenger.js";

/** Handles a request and returns the content of its reply; undefined where the protocol knows no reply. */
export type Handler = (
  request: Message,
  channel: RequestChannel,
) => Promise<JsonObject | undefined> | JsonObject | undefined;

export interface HandlerTable {
  [messageType: string]: Handler;
}

/** Requests that wait for the one before them; all others are answered at once, also while a cell runs. */
const SERIAL_TYPE = "execute_request";
const REQUEST = /_request$/;

export class Dispatcher {
  readonly #codec: Codec;
  readonly #messenger: Messenger;
  readonly #handlers: HandlerTable;
  readonly #queue: Message[] = [];
  #executing: Message | undefined;

  constructor(codec: Codec, messenger: Messenger, handlers: HandlerTable) {
    this.#codec = codec;
    this.#messenger = messenger;
    this.#handlers = handlers;
  }

  /** Takes frames of a client; what is no valid message is dropped, as the protocol asks. */
  receive(channel: RequestChannel, frames: Uint8Array[]): void {
    let message: Message;
    try {
      message = this.#codec.decode(frames);
    } catch (error) {
      if (error instanceof WireError) return;
      throw error;
    }
    const type = message.header.msg_type;
    if (!Object.hasOwn(this.#handlers, type)) return;
    if (type !== SERIAL_TYPE) return void this.#handle(message, channel);
    this.#queue.push(message);
    if (this.#executing === undefined) void this.#drain();
  }

  async #drain(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.#executing = next;
      const reply = await this.#handle(next, "shell");
      this.#executing = undefined;
      if (reply?.status === "error" && next.content.stop_on_error !== false) this.#abortQueue();
    }
  }

  /** Answers the executions that wait as aborted: after an error, when its sender asked for that. */
  #abortQueue(): void {
    for (const request of this.#queue.splice(0)) {
      this.#messenger.status("busy", request.header);
      this.#messenger.send("shell", "execute_reply", request, { status: "aborted" });
      this.#messenger.status("idle", request.header);
    }
  }

  async #handle(request: Message, channel: RequestChannel): Promise<JsonObject | undefined> {
    const { header } = request;
    this.#messenger.status("busy", header);
    const content = await this.#answer(request, channel);
    // Messages such as comm_msg have no reply, not even one that says what is wrong with them.
    if (content !== undefined && REQUEST.test(header.msg_type))
      this.#messenger.send(channel, header.msg_type.replace(REQUEST, "_reply"), request, content);
    this.#messenger.status("idle", header);
    this.#messenger.flush();
    // Clients show the latest state: a request that was answered while a cell runs must not make the kernel look idle.
    if (this.#executing !== undefined && this.#executing !== request)
      this.#messenger.status("busy", this.#executing.header);
    return content;
  }

  async #answer(request: Message, channel: RequestChannel): Promise<JsonObject | undefined> {
    try {
      return await this.#handlers[request.header.msg_type]?.(request, channel);
    } catch (error) {
      // A request with the wrong fields; the message says which.
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return { status: "error", ename: name, evalue: message, traceback: [] };
    }
  }
}
