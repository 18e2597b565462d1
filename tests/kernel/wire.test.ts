/** Messages on the wire: Jupyter's documented format, and 10^5 wrong messages that must do nothing. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { Dispatcher } from "../../kernel/front/dispatcher.js";
import { Messenger } from "../../kernel/front/messenger.js";
import { Codec, WireError } from "../../kernel/wire/codec.js";
import type { OutgoingFrame } from "../../kernel/wire/message.js";
import { SeenSignatures } from "../../kernel/wire/seen-signatures.js";
import { endpoint } from "../../kernel/wire/connection-file.js";
import { MemoryTransport } from "./support/memory-transport.js";

const KEY = "a0436f6c-1916-498b-8eb9-e81ab9368e84";
const HEADER = { msg_id: "1", msg_type: "kernel_info_request", session: "s", username: "u", date: "", version: "5.4" };
const codec = new Codec("hmac-sha256", KEY);

/** Frames as the protocol's documentation composes them, written without the codec. */
function frames(parts: readonly string[], { key = KEY, identities = ["client"] } = {}): Buffer[] {
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return [...identities, "<IDS|MSG>", hmac.digest("hex"), ...parts].map((frame) => Buffer.from(frame));
}

const textOf = (frame: OutgoingFrame): string => (typeof frame === "string" ? frame : Buffer.from(frame).toString());
const valid = (content = "{}"): Buffer[] => frames([JSON.stringify(HEADER), "{}", "{}", content]);

test("a message is decoded with identities, content and buffers", () => {
  const message = codec.decode([...valid('{"code":"é😀"}'), Buffer.from([1, 2])]);
  assert.deepEqual(message.content, { code: "é😀" });
  assert.deepEqual(message.header, HEADER);
  assert.equal(Buffer.from(message.identities[0]!).toString(), "client");
  assert.deepEqual([...message.buffers[0]!], [1, 2]);
});

test("an encoded message is signed as the protocol says, and serialised content passes unchanged", () => {
  for (const content of [{ a: [1, "é"] }, Buffer.from('{ "a" : 1 }')]) {
    const encoded = codec.encode({ identities: [Buffer.from("id")], header: HEADER, parentHeader: undefined, content });
    const parts = encoded.slice(3).map(textOf);
    assert.deepEqual(encoded.map(textOf), frames(parts, { identities: ["id"] }).map(String));
    assert.equal(parts[3], content instanceof Buffer ? '{ "a" : 1 }' : JSON.stringify(content));
  }
});

test("an empty key means unsigned messages", () => {
  const open = new Codec("hmac-sha256", "");
  const parts = [JSON.stringify(HEADER), "{}", "{}", "{}"];
  assert.equal(open.decode(["<IDS|MSG>", "", ...parts].map((part) => Buffer.from(part))).header.msg_id, "1");
});

test("what is not a well-signed message of JSON objects is refused", () => {
  const wrong: Record<string, Buffer[]> = {
    empty: [],
    "no delimiter": valid().filter((frame) => !frame.equals(Buffer.from("<IDS|MSG>"))),
    truncated: valid().slice(0, -1),
    "wrong key": frames([JSON.stringify(HEADER), "{}", "{}", "{}"], { key: "other" }),
    "no signature": [...valid().slice(0, 2), Buffer.alloc(0), ...valid().slice(3)],
    "not JSON": frames([JSON.stringify(HEADER), "{}", "{}", "{"]),
    "not an object": frames([JSON.stringify(HEADER), "{}", "[]", "{}"]),
    "no type": frames(['{"msg_id":"1"}', "{}", "{}", "{}"]),
  };
  for (const [what, message] of Object.entries(wrong)) assert.throws(() => codec.decode(message), WireError, what);
  assert.throws(() => new Codec("md5", KEY), WireError);
});

test("a message that was received before is refused, also when its buffers differ", () => {
  const codec = new Codec("hmac-sha256", KEY);
  const message = valid('{"code":"once"}');
  assert.deepEqual(codec.decode(message).content, { code: "once" });
  assert.throws(() => codec.decode(message), /received before/);
  assert.throws(() => codec.decode([...message, Buffer.from("buffer")]), /received before/);
  assert.deepEqual(codec.decode(valid('{"code":"another"}')).content, { code: "another" });
});

test("the latest signatures are remembered, and few more", () => {
  const seen = new SeenSignatures(100);
  const count = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => seen.add(String(from + i))).filter(Boolean).length;
  assert.equal(count(0, 1000), 1000);
  assert.equal(count(900, 1000), 0);
  assert.equal(count(0, 100), 100);
});

test("100,000 random messages reach no handler and break nothing", () => {
  const transport = new MemoryTransport();
  const handled: string[] = [];
  const dispatcher = new Dispatcher(codec, new Messenger(transport, codec), {
    kernel_info_request: ({ header }) => {
      handled.push(header.msg_id);
      return undefined;
    },
  });
  transport.listen({
    onRequest: (channel, received) => dispatcher.receive(channel, received),
    onSubscribe: () => undefined,
  });
  const random = generator(12345);
  const template = valid();
  for (let i = 0; i < 100_000; i++) transport.deliver("shell", damage(template, random));
  assert.deepEqual(handled, []);
  assert.equal(transport.sent.length, 0);
  transport.deliver("shell", template);
  assert.deepEqual(handled, [HEADER.msg_id]);
});

test("a type without handler, and one that names a property of every object, are ignored", () => {
  const transport = new MemoryTransport();
  const dispatcher = new Dispatcher(codec, new Messenger(transport, codec), {});
  for (const msg_type of ["unknown_request", "constructor", "__proto__", "toString"]) {
    dispatcher.receive("shell", frames([JSON.stringify({ ...HEADER, msg_type }), "{}", "{}", "{}"]));
  }
  assert.equal(transport.sent.length, 0);
});

test("messages leave together and in order, at the end of the turn or when flushed", async () => {
  const transport = new MemoryTransport();
  const messenger = new Messenger(transport, codec);
  const request = codec.decode(valid(`{"code":"1"}`));
  const sent = (): string[] =>
    transport.sent.splice(0).map(({ channel, frames }) => `${channel} ${textOf(frames.at(-1)!)}`);
  messenger.status("busy", request.header);
  messenger.send("shell", "execute_reply", request, { status: "ok" });
  assert.deepEqual(sent(), []);
  await new Promise(setImmediate);
  assert.deepEqual(sent(), ['iopub {"execution_state":"busy"}', 'shell {"status":"ok"}']);
  messenger.status("idle", request.header);
  messenger.flush();
  assert.deepEqual(sent(), ['iopub {"execution_state":"idle"}']);
  await new Promise(setImmediate);
  assert.deepEqual(sent(), []);
});

test("endpoints are those of the connection file", () => {
  const info = {
    shell_port: 1,
    control_port: 2,
    stdin_port: 3,
    iopub_port: 4,
    hb_port: 5,
    signature_scheme: "hmac-sha256",
    key: "",
  };
  assert.equal(endpoint({ ...info, transport: "tcp", ip: "127.0.0.1" }, 5555), "tcp://127.0.0.1:5555");
  assert.equal(endpoint({ ...info, transport: "ipc", ip: "/tmp/kernel" }, 1), "ipc:///tmp/kernel-1");
});

/** Mulberry32: a small generator with a fixed seed, so that a failure can be repeated. */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}

/** A valid message with a frame removed, repeated, cut, or with a byte changed. */
function damage(template: readonly Buffer[], random: (limit: number) => number): Buffer[] {
  const damaged = [...template];
  const index = 1 + random(damaged.length - 1);
  const frame = damaged[index]!;
  const kind = random(4);
  if (kind === 0) damaged.splice(index, 1);
  // Not before the delimiter, where a frame is one more identity.
  else if (kind === 1) damaged.splice(Math.max(2, index), 0, Buffer.from([random(256)]));
  else if (kind === 2) damaged[index] = frame.subarray(0, random(Math.max(1, frame.length)));
  else {
    const changed = Buffer.from(frame);
    const position = random(changed.length);
    changed[position] = changed[position]! ^ (1 + random(255));
    damaged[index] = changed;
  }
  return damaged;
}
