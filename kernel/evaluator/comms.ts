/** The evaluator's ends of comms. */
import { randomUUID } from "node:crypto";
import type { Comm, Json } from "../../src/protocol.js";
import type { CommCommand } from "../link/messages.js";
import { encodeContent } from "./publish.js";
import { report } from "./reports.js";
import { bindToScope, currentScope } from "./scope.js";

type OpenHandler = (comm: Comm, data: Json, buffers: Uint8Array[]) => void;
type MessageType = CommCommand["type"];

const targets = new Map<string, OpenHandler>();
const comms = new Map<string, EvaluatorComm>();

/** The comm message of the front end that is being handled: comm messages sent meanwhile are its answers. */
let handling: number | undefined;

class EvaluatorComm implements Comm {
  #onMessage: Comm["onMessage"];
  #onClose: Comm["onClose"];
  #open = true;

  constructor(
    readonly id: string,
    readonly target: string,
  ) {
    comms.set(id, this);
  }

  // Handlers belong to the cell that set them: what they print appears there.
  set onMessage(handler: Comm["onMessage"]) {
    this.#onMessage = handler && bindToScope(handler);
  }
  get onMessage(): Comm["onMessage"] {
    return this.#onMessage;
  }
  set onClose(handler: Comm["onClose"]) {
    this.#onClose = handler && bindToScope(handler);
  }
  get onClose(): Comm["onClose"] {
    return this.#onClose;
  }

  send(data: Json, buffers: Uint8Array[] = []): void {
    if (!this.#open) throw new Error(`comm ${this.id} (target "${this.target}") is closed; open a new one to send`);
    this.#report("comm_msg", data, buffers);
  }

  close(data: Json = {}): void {
    if (!this.forget()) return;
    this.#report("comm_close", data, []);
  }

  /** Marks the comm as closed; false if it was. */
  forget(): boolean {
    const wasOpen = this.#open;
    this.#open = false;
    comms.delete(this.id);
    return wasOpen;
  }

  announce(data: Json, buffers: Uint8Array[], metadata?: Record<string, Json>): void {
    this.#report("comm_open", data, buffers, metadata);
  }

  #report(messageType: MessageType, data: Json, buffers: Uint8Array[], metadata?: Record<string, Json>): void {
    const content = { comm_id: this.id, data, ...(messageType === "comm_open" ? { target_name: this.target } : {}) };
    const header = {
      type: "comm",
      execution: currentScope()?.execution ?? 0,
      messageType,
      commId: this.id,
      target: this.target,
      ...(metadata && { metadata }),
      ...(handling !== undefined && { request: handling }),
    } as const;
    report(header, [encodeContent(content), ...buffers]);
  }
}

export function registerCommTarget(target: string, onOpen: OpenHandler): void {
  targets.set(target, bindToScope(onOpen));
}

export function openComm(
  target: string,
  data: Json,
  buffers: Uint8Array[] = [],
  metadata?: Record<string, Json>,
): Comm {
  const comm = new EvaluatorComm(randomUUID(), target);
  comm.announce(data, buffers, metadata);
  return comm;
}

/** Ends the handling of a message of the front end. */
export function endCommCommand({ request }: CommCommand): void {
  if (handling === request) handling = undefined;
  report({ type: "comm_handled", request });
}

/**
 * Delivers a message of the front end. A comm for a target that nobody registered is closed, as the protocol asks. The
 * message counts as handled when {@link endCommCommand} says so.
 */
export function handleCommCommand({ type, request, commId, target, data }: CommCommand, parts: Uint8Array[]): void {
  handling = request;
  // Copies, because the parts are views of one received frame, unaligned and all kept alive by any of them.
  const buffers = parts.map((part) => Uint8Array.from(part));
  if (type === "comm_open") {
    const comm = new EvaluatorComm(commId, target);
    const onOpen = targets.get(target);
    if (onOpen === undefined) comm.close();
    else onOpen(comm, data, buffers);
    return;
  }
  const comm = comms.get(commId);
  if (type === "comm_msg") comm?.onMessage?.(data, buffers);
  else if (comm?.forget() === true) comm.onClose?.(data);
}
