import { Router, XPublisher } from "zeromq";
import { endpoint, type ConnectionInfo } from "./connection-file.js";
import type { Channel, OutgoingFrame, RequestChannel } from "./message.js";
import type { Transport, TransportEvents } from "./transport.js";

const REQUEST_CHANNELS: readonly RequestChannel[] = ["shell", "control", "stdin"];
/** How long, in milliseconds, closing waits for frames that a client has not yet taken. */
const LINGER = 500;
const SUBSCRIBE = 1;

/** The five ZeroMQ sockets of a kernel. */
export class ZmqTransport implements Transport {
  readonly #sockets: Record<Channel, Router | XPublisher>;
  readonly #iopub: XPublisher;
  readonly #heartbeat: Router;
  readonly #sent: Record<Channel, Promise<void>>;

  private constructor(routers: Record<RequestChannel, Router>, iopub: XPublisher, heartbeat: Router) {
    this.#sockets = { ...routers, iopub };
    this.#iopub = iopub;
    this.#heartbeat = heartbeat;
    const done = Promise.resolve();
    this.#sent = { shell: done, control: done, stdin: done, iopub: done };
  }

  /** Binds exactly the endpoints of the connection file. */
  static async bind(info: ConnectionInfo): Promise<ZmqTransport> {
    const router = async (port: number): Promise<Router> => {
      // With handover a client that reconnects under its old identity is answered instead of the dead connection.
      const socket = new Router({ linger: LINGER, handover: true });
      await socket.bind(endpoint(info, port));
      return socket;
    };
    // No high-water mark: a publisher that reaches one drops messages silently.
    const iopub = new XPublisher({ linger: LINGER, sendHighWaterMark: 0, verbosity: "allSubs" });
    // Not a Reply, which after a malformed request leaves the next one lying.
    const heartbeat = new Router({ linger: 0 });
    const [shell, control, stdin] = await Promise.all([
      router(info.shell_port),
      router(info.control_port),
      router(info.stdin_port),
      iopub.bind(endpoint(info, info.iopub_port)),
      heartbeat.bind(endpoint(info, info.hb_port)),
    ]);
    return new ZmqTransport({ shell, control, stdin }, iopub, heartbeat);
  }

  listen(events: TransportEvents): void {
    for (const channel of REQUEST_CHANNELS) void this.#receive(channel, events);
    void this.#watchSubscriptions(events);
    void this.#echoHeartbeat();
  }

  send(channel: Channel, frames: OutgoingFrame[]): void {
    const socket = this.#sockets[channel];
    // A client that went away makes its own message undeliverable; nobody else is concerned.
    this.#sent[channel] = this.#sent[channel]
      .then(() => (socket.closed ? undefined : socket.send(frames)))
      .catch(() => undefined);
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.#sent));
    for (const socket of [...Object.values(this.#sockets), this.#heartbeat]) socket.close();
  }

  async #receive(channel: RequestChannel, events: TransportEvents): Promise<void> {
    const socket = this.#sockets[channel] as Router;
    for (let frames; (frames = await nextMessage(socket)) !== undefined;) events.onRequest(channel, frames);
  }

  async #watchSubscriptions(events: TransportEvents): Promise<void> {
    for (let frames; (frames = await nextMessage(this.#iopub)) !== undefined;) {
      const [frame] = frames;
      if (frame?.[0] === SUBSCRIBE) events.onSubscribe(frame.subarray(1));
    }
  }

  async #echoHeartbeat(): Promise<void> {
    for (let frames; (frames = await nextMessage(this.#heartbeat)) !== undefined;)
      await this.#heartbeat.send(frames).catch(() => undefined);
  }
}

/** The next message; undefined when the socket is closed. An error concerns one message, which is dropped. */
async function nextMessage(socket: Router | XPublisher): Promise<Buffer[] | undefined> {
  while (!socket.closed) {
    try {
      return await socket.receive();
    } catch {
      await new Promise(setImmediate);
    }
  }
  return undefined;
}
