import type { Channel, OutgoingFrame, RequestChannel } from "../../../kernel/wire/message.js";
import type { Transport, TransportEvents } from "../../../kernel/wire/transport.js";

/** A transport that keeps what is sent in memory, for tests without sockets. */
export class MemoryTransport implements Transport {
  readonly sent: { channel: Channel; frames: OutgoingFrame[] }[] = [];
  #events: TransportEvents | undefined;

  listen(events: TransportEvents): void {
    this.#events = events;
  }

  send(channel: Channel, frames: OutgoingFrame[]): void {
    this.sent.push({ channel, frames });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Delivers frames as if a client had sent them. */
  deliver(channel: RequestChannel, frames: Uint8Array[]): void {
    this.#events?.onRequest(channel, frames);
  }
}
