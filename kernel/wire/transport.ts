/** What the kernel needs of the thing that carries its frames; ZeroMQ in earnest, memory in tests. */
import type { Channel, OutgoingFrame, RequestChannel } from "./message.js";

export interface TransportEvents {
  onRequest(channel: RequestChannel, frames: Uint8Array[]): void;
  /** A client subscribed to iopub. */
  onSubscribe(topic: Uint8Array): void;
}

export interface Transport {
  /** Starts delivering; called once. */
  listen(events: TransportEvents): void;
  /** Sends in order of calls on each channel. On iopub the first frame is the topic. */
  send(channel: Channel, frames: OutgoingFrame[]): void;
  /** Resolves when all that was sent has left, and frees the sockets. */
  close(): Promise<void>;
}
