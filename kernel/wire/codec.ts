/** Messages to and from signed frames: the wire format of the Jupyter protocol. */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import type { Json } from "../../src/protocol.js";
import type { Header, JsonObject, Message, OutgoingFrame, OutgoingMessage } from "./message.js";
import { SeenSignatures } from "./seen-signatures.js";

const DELIMITER_TEXT = "<IDS|MSG>";
const DELIMITER = Buffer.from(DELIMITER_TEXT);
/**
 * Bytes that are sent as text when there are fewer: ZeroMQ copies text at once, but gives bytes back from its own thread,
 * which interrupts this one for each frame.
 */
const COPIED_BYTES = 1 << 14;
const PARTS = ["header", "parent_header", "metadata", "content"] as const;

/** The frames received are not a message of this kernel's client; they are dropped. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** Signs and serialises messages, and checks and parses what arrives. */
export class Codec {
  readonly #algorithm: string;
  readonly #key: KeyObject | undefined;
  readonly #seen = new SeenSignatures();

  /**
   * @param signatureScheme `hmac-` and the name of a hash, as the connection file gives it.
   * @param key The connection's secret; empty for unsigned messages.
   */
  constructor(signatureScheme: string, key: string) {
    if (!signatureScheme.startsWith("hmac-")) {
      throw new WireError(`signature scheme "${signatureScheme}" is unknown; expected hmac-sha256`);
    }
    this.#algorithm = signatureScheme.slice("hmac-".length);
    this.#key = key === "" ? undefined : createSecretKey(key, "utf8");
  }

  encode(message: OutgoingMessage): OutgoingFrame[] {
    const { identities, header, parentHeader, metadata, content, buffers } = message;
    const text = [header, parentHeader ?? {}, metadata ?? {}].map((part) => JSON.stringify(part));
    const parts = [...text, content instanceof Uint8Array ? copied(content) : JSON.stringify(content)];
    return [...identities, DELIMITER_TEXT, this.#sign(parts), ...parts, ...(buffers ?? [])];
  }

  /** Throws a {@link WireError} for anything that is not a well-formed, well-signed message, and for one that came before. */
  decode(frames: readonly Uint8Array[]): Message {
    const delimiter = frames.findIndex((frame) => DELIMITER.equals(frame));
    if (delimiter < 0) throw new WireError("message without delimiter <IDS|MSG>");
    const signature = frames[delimiter + 1];
    const parts = frames.slice(delimiter + 2, delimiter + 2 + PARTS.length);
    if (signature === undefined || parts.length < PARTS.length) {
      throw new WireError(`message with ${parts.length} of ${PARTS.length} parts`);
    }
    this.#verify(signature, parts);
    const [header, parentHeader, metadata, content] = parts.map((part, i) => parseObject(part, PARTS[i] ?? "part"));
    return {
      identities: frames.slice(0, delimiter),
      header: checkHeader(header ?? {}),
      parentHeader: parentHeader ?? {},
      metadata: metadata ?? {},
      content: content ?? {},
      buffers: frames.slice(delimiter + 2 + PARTS.length),
    };
  }

  #sign(parts: readonly OutgoingFrame[]): string {
    if (this.#key === undefined) return "";
    const hmac = createHmac(this.#algorithm, this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }

  #verify(signature: Uint8Array, parts: readonly Uint8Array[]): void {
    const text = this.#sign(parts);
    const expected = Buffer.from(text);
    if (signature.byteLength !== expected.byteLength || !timingSafeEqual(signature, expected)) {
      throw new WireError("message with a wrong signature");
    }
    if (this.#key !== undefined && !this.#seen.add(text)) throw new WireError("message that was received before");
  }
}

function copied(bytes: Uint8Array): OutgoingFrame {
  return bytes.byteLength > COPIED_BYTES ? bytes : asBuffer(bytes).toString("utf8");
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function parseObject(bytes: Uint8Array, part: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(asBuffer(bytes).toString("utf8")) as Json;
  } catch {
    throw new WireError(`${part} is not JSON`);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new WireError(`${part} is not a JSON object`);
  }
  return value;
}

function checkHeader(header: JsonObject): Header {
  const { msg_id, msg_type } = header;
  if (typeof msg_id !== "string" || typeof msg_type !== "string") {
    throw new WireError("header without msg_id or msg_type");
  }
  const text = (key: string): string => (typeof header[key] === "string" ? header[key] : "");
  // The header comes back with everything that answers it; what no client puts there could be too deep for that.
  const plain = Object.entries(header).filter(([, value]) => typeof value !== "object" || value === null);
  return {
    ...Object.fromEntries(plain),
    msg_id,
    msg_type,
    session: text("session"),
    username: text("username"),
    date: text("date"),
    version: text("version"),
  };
}
