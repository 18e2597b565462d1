/**
 * Frames on the pipes between the kernel's processes: a JSON header and binary parts, so that buffers and serialised
 * outputs pass without being encoded again. Layout, little-endian: the number of parts n, n lengths (all uint32), the parts.
 */

export interface Frame<Header> {
  header: Header;
  parts: Uint8Array[];
}

const WORD = 4;
/** Longest frame that is believed; more means that the two ends have lost step. */
const MAX_BYTES = 2 ** 31;
const MAX_PARTS = 2 ** 16;

/** The chunks to write, in order; the parts are not copied. */
export function encodeFrame(header: object, parts: readonly Uint8Array[] = []): Uint8Array[] {
  const all = [Buffer.from(JSON.stringify(header)), ...parts];
  const lengths = Buffer.allocUnsafe(WORD * (1 + all.length));
  lengths.writeUInt32LE(all.length, 0);
  all.forEach((part, i) => lengths.writeUInt32LE(part.byteLength, WORD * (1 + i)));
  return [lengths, ...all];
}

/** Cuts a stream of bytes into frames; the bytes may be split anywhere. */
export class FrameReader<Header> {
  readonly #chunks: Buffer[] = [];
  #available = 0;
  #needed = WORD;

  /** The frames that are complete with this chunk. */
  push(chunk: Buffer): Frame<Header>[] {
    this.#chunks.push(chunk);
    this.#available += chunk.byteLength;
    const frames: Frame<Header>[] = [];
    while (this.#available >= this.#needed) {
      const bytes = this.#join();
      const needed = frameLength(bytes);
      if (needed > bytes.byteLength) {
        this.#needed = needed;
        continue;
      }
      frames.push(decode<Header>(bytes));
      this.#chunks[0] = bytes.subarray(needed);
      this.#available -= needed;
      this.#needed = WORD;
    }
    return frames;
  }

  #join(): Buffer {
    const bytes = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    const joined = bytes ?? Buffer.concat(this.#chunks);
    this.#chunks.length = 0;
    this.#chunks.push(joined);
    return joined;
  }
}

/** Bytes of the frame that starts here, or as many as are needed to tell. */
function frameLength(bytes: Buffer): number {
  const count = bytes.readUInt32LE(0);
  if (count === 0 || count > MAX_PARTS) throw new RangeError(`frame with ${count} parts`);
  const head = WORD * (1 + count);
  if (bytes.byteLength < head) return head;
  let total = head;
  for (let i = 1; i <= count; i++) total += bytes.readUInt32LE(WORD * i);
  if (total > MAX_BYTES) throw new RangeError(`frame of ${total} bytes`);
  return total;
}

function decode<Header>(bytes: Buffer): Frame<Header> {
  const count = bytes.readUInt32LE(0);
  let position = WORD * (1 + count);
  const parts: Buffer[] = [];
  for (let i = 1; i <= count; i++) {
    const end = position + bytes.readUInt32LE(WORD * i);
    parts.push(bytes.subarray(position, end));
    position = end;
  }
  const [header, ...rest] = parts;
  return { header: JSON.parse((header ?? Buffer.alloc(0)).toString("utf8")) as Header, parts: rest };
}
