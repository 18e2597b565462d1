import { access, constants, type FileHandle, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { Digest } from "./digest.js";

/** A checkpoint that cannot be used, or could not be written. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
}

/** Element types of stored arrays. */
const TYPES = {
  uint8: Uint8Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

type TypeName = keyof typeof TYPES;
export type StoredArray = Uint8Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/** An array in the file: little-endian, one after the other in the order of the header. */
interface Section {
  readonly name: string;
  readonly type: TypeName;
  readonly length: number;
}

interface Header {
  readonly sections: readonly Section[];
  /** What the training says of itself. */
  readonly about: unknown;
}

/** First bytes of every checkpoint; the number is the version of the format. */
const MAGIC = "PHASEBOOK CHECKPOINT 1\n";
const PREFIX_BYTES = MAGIC.length + 4;
const DIGEST_BYTES = 32;
const CHUNK_BYTES = 1 << 20;
/** No header is larger: what says so is no checkpoint. */
const MAX_HEADER_BYTES = 1 << 26;

/**
 * Writes a checkpoint so that at every moment a complete one lies at `path`: into a second file, which is flushed to
 * the disk, read back and compared, and only then renamed over the one before. `arrays` are asked for one by one.
 *
 * Layout: {@link MAGIC}, length of the header (u32), header (JSON), arrays, SHA-256 of all that.
 */
export async function writeCheckpoint(
  path: string,
  about: unknown,
  names: readonly string[],
  array: (name: string) => StoredArray,
): Promise<void> {
  const fresh = `${path}.new`;
  const file = await open(fresh, "w");
  try {
    const sections = names.map((name): Section => {
      const values = array(name);
      return { name, type: typeOf(values), length: values.length };
    });
    const header = Buffer.from(JSON.stringify({ sections, about } satisfies Header));
    const digest = new Digest();
    for (const part of [Buffer.from(MAGIC), Buffer.from(Uint32Array.of(header.length).buffer), header]) {
      digest.add(part);
      await file.writeFile(part);
    }
    for (const name of names) {
      const { buffer, byteOffset, byteLength } = array(name);
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      digest.add(bytes);
      await file.writeFile(bytes);
    }
    await file.writeFile(digest.bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await (await openCheckpoint(fresh)).close();
  await rename(fresh, path);
  await syncFolder(dirname(path));
}

/** Whether there is a checkpoint. Throws a {@link CheckpointError} where there could never be one. */
export async function findCheckpoint(path: string): Promise<boolean> {
  try {
    await access(dirname(path), constants.W_OK);
  } catch {
    throw new CheckpointError(`The folder of the checkpoint "${path}" does not exist or cannot be written to.`);
  }
  return access(path).then(
    () => true,
    () => false,
  );
}

/** A checkpoint whose checksum is right. */
export interface OpenCheckpoint {
  readonly about: unknown;
  /** Fills an array with a section's values. Throws a CheckpointError when it has no such section of this type and length. */
  read(name: string, into: StoredArray): Promise<void>;
  close(): Promise<void>;
}

/** Opens and verifies a checkpoint. Throws a {@link CheckpointError} that says what is wrong with it. */
export async function openCheckpoint(path: string): Promise<OpenCheckpoint> {
  const file = await open(path, "r");
  try {
    const { header, start } = await readHeader(file, path);
    await verify(file, path, start + header.sections.reduce((bytes, section) => bytes + bytesOf(section), 0));
    return {
      about: header.about,
      read: (name, into) => readSection(file, path, header, start, name, into),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readHeader(file: FileHandle, path: string): Promise<{ header: Header; start: number }> {
  const prefix = await readBytes(file, 0, PREFIX_BYTES);
  const magic = prefix.subarray(0, MAGIC.length).toString("latin1");
  if (magic !== MAGIC) {
    const [version] = /^PHASEBOOK CHECKPOINT (\d+)\n/.exec(magic)?.slice(1) ?? [];
    if (version) throw new CheckpointError(`"${path}" has version ${version} of the format; this Phasebook reads 1.`);
    throw new CheckpointError(`"${path}" is no checkpoint of Phasebook, or its beginning is lost.`);
  }
  const length = prefix.length < PREFIX_BYTES ? 0 : prefix.readUInt32LE(MAGIC.length);
  const text = await readBytes(file, PREFIX_BYTES, Math.min(length, MAX_HEADER_BYTES));
  if (text.length === 0 || text.length < length) throw new CheckpointError(`"${path}" is truncated within its header.`);
  const header = parseHeader(text.toString());
  if (!header) throw new CheckpointError(`"${path}" is corrupt: its header is unreadable.`);
  return { header, start: PREFIX_BYTES + length };
}

/** The header, if it is one: it is read before its checksum can be. */
function parseHeader(text: string): Header | undefined {
  try {
    const header = JSON.parse(text) as Header;
    const isSound = ({ type, length }: Section) =>
      Object.hasOwn(TYPES, type) && Number.isInteger(length) && length >= 0;
    return header.sections.every(isSound) ? header : undefined;
  } catch {
    return undefined;
  }
}

/** Compares length and checksum; `end` is where the arrays end. */
async function verify(file: FileHandle, path: string, end: number): Promise<void> {
  const { size } = await file.stat();
  if (size !== end + DIGEST_BYTES) {
    throw new CheckpointError(`"${path}" is truncated or overlong: ${size} bytes instead of ${end + DIGEST_BYTES}.`);
  }
  const digest = new Digest();
  for (let at = 0; at < end; at += CHUNK_BYTES) digest.add(await readBytes(file, at, Math.min(CHUNK_BYTES, end - at)));
  if (!(await readBytes(file, end, DIGEST_BYTES)).equals(digest.bytes))
    throw new CheckpointError(`"${path}" is corrupt: its checksum does not fit its contents.`);
}

async function readSection(
  file: FileHandle,
  path: string,
  { sections }: Header,
  start: number,
  name: string,
  into: StoredArray,
): Promise<void> {
  const at = sections.findIndex((section) => section.name === name);
  const found = sections[at];
  if (found?.length !== into.length || found.type !== typeOf(into)) {
    const has = found ? `${found.length} × ${found.type}` : "none";
    throw new CheckpointError(`"${path}" has ${has} of "${name}", not ${into.length} × ${typeOf(into)}.`);
  }
  const offset = sections.slice(0, at).reduce((bytes, section) => bytes + bytesOf(section), start);
  for (let done = 0; done < into.byteLength; done += CHUNK_BYTES) {
    const bytes = Math.min(CHUNK_BYTES, into.byteLength - done);
    const target = new Uint8Array(into.buffer, into.byteOffset + done, bytes);
    target.set(await readBytes(file, offset + done, bytes));
  }
}

/** The bytes of a range; fewer where the file ends. */
async function readBytes(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

/** Makes a renaming last beyond a power cut, where the system knows how. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const bytesOf = ({ type, length }: Section): number => TYPES[type].BYTES_PER_ELEMENT * length;

function typeOf(array: StoredArray): TypeName {
  return (Object.keys(TYPES) as TypeName[]).find((type) => array instanceof TYPES[type])!;
}
