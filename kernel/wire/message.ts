/** What a Jupyter message is, whatever carries it. Field names are the protocol's own. */
import type { Json } from "../../src/protocol.js";

/** Version of the Jupyter messaging protocol that this kernel speaks. */
export const PROTOCOL_VERSION = "5.4";

export type JsonObject = Record<string, Json>;

export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
}

/** Channels on which requests arrive; `iopub` only sends, and the heartbeat is the transport's own business. */
export type RequestChannel = "shell" | "control" | "stdin";
export type Channel = RequestChannel | "iopub";

/** A message that was received and checked. */
export interface Message {
  /** Routing prefix of the sender, to be put before the reply. */
  identities: Uint8Array[];
  header: Header;
  /** Header of the message that this one answers, as its sender wrote it; empty for a request. */
  parentHeader: JsonObject;
  metadata: JsonObject;
  content: JsonObject;
  buffers: Uint8Array[];
}

/** A part of a message on its way out. Text is sent as UTF-8. */
export type OutgoingFrame = Uint8Array | string;

/** A message to be sent. Content that is already JSON text in UTF-8 is passed on as it is. */
export interface OutgoingMessage {
  identities: OutgoingFrame[];
  header: Header;
  parentHeader: Header | undefined;
  metadata?: JsonObject | undefined;
  content: JsonObject | Uint8Array;
  buffers?: Uint8Array[] | undefined;
}
