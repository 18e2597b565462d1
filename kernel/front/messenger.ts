/**
 * Composes and sends this kernel's messages. They leave together, at the end of the turn of the event loop: what is to
 * be computed gets going first, and the client is woken once.
 */
import { randomUUID } from "node:crypto";
import type { Codec } from "../wire/codec.js";
import {
  PROTOCOL_VERSION,
  type Channel,
  type Header,
  type JsonObject,
  type Message,
  type OutgoingFrame,
  type OutgoingMessage,
} from "../wire/message.js";
import type { Transport } from "../wire/transport.js";

const USERNAME = "kernel";

/** What few messages have beside their content. */
interface Extras {
  buffers?: Uint8Array[] | undefined;
  metadata?: JsonObject | undefined;
}

export class Messenger {
  readonly session = randomUUID();
  readonly #transport: Transport;
  readonly #codec: Codec;
  #outbox: { channel: Channel; message: OutgoingMessage }[] = [];
  #flushing: NodeJS.Immediate | undefined;

  constructor(transport: Transport, codec: Codec) {
    this.#transport = transport;
    this.#codec = codec;
  }

  /** Publishes on iopub. @param parent The request that caused the message. */
  publish(
    type: string,
    parent: Header | undefined,
    content: JsonObject | Uint8Array,
    { buffers, metadata }: Extras = {},
  ): void {
    this.#send("iopub", [`kernel.${this.session}.${type}`], type, parent, { content, buffers, metadata });
  }

  /** Sends to the client that sent `request`, on the channel given. */
  send(channel: Exclude<Channel, "iopub">, type: string, request: Message, content: JsonObject): void {
    this.#send(channel, request.identities, type, request.header, { content });
  }

  status(state: "starting" | "busy" | "idle", parent: Header | undefined): void {
    this.publish("status", parent, { execution_state: state });
  }

  /** Sends what waits. */
  flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const outbox = this.#outbox;
    this.#outbox = [];
    for (const { channel, message } of outbox) this.#transport.send(channel, this.#codec.encode(message));
  }

  #send(
    channel: Channel,
    identities: OutgoingFrame[],
    type: string,
    parentHeader: Header | undefined,
    body: Pick<OutgoingMessage, "content"> & Extras,
  ): void {
    const header: Header = {
      msg_id: randomUUID(),
      msg_type: type,
      session: this.session,
      username: USERNAME,
      date: new Date().toISOString(),
      version: PROTOCOL_VERSION,
    };
    this.#outbox.push({ channel, message: { identities, header, parentHeader, ...body } });
    this.#flushing ??= setImmediate(() => this.flush());
  }
}
