import { base64FromBytes, finiteExtent } from "../../views/index.js";
import type { ArrayType, EncodedArray, NumericArray } from "../protocol.js";

/** How values are packed: exactly, and small if they are few different ones; or as 16-bit codes on a linear or logarithmic axis. */
export type Packing = "exact" | "linear" | "log";

/** From this many elements on an exact array is encoded by its different values. */
const LOOKUP_FROM = 1000;

/** Where the bytes of a message's arrays go. */
export interface ByteSink {
  put(bytes: Uint8Array): Pick<EncodedArray, "base64" | "buffer">;
}

/** Puts bytes into the JSON text: for snapshots in notebooks. */
export const inlineSink: ByteSink = { put: (bytes) => ({ base64: base64FromBytes(bytes) }) };

/** Collects bytes in binary buffers: for live messages. */
export class BufferSink implements ByteSink {
  readonly buffers: Uint8Array[] = [];

  put(bytes: Uint8Array): Pick<EncodedArray, "buffer"> {
    this.buffers.push(bytes);
    return { buffer: this.buffers.length - 1 };
  }
}

/** Codes 0 … 65534 are values, 65535 is a missing one. */
const MISSING = 0xffff;
const LARGEST = 0xfffe;

/**
 * Encodes an array for the wire.
 *
 * `linear` packs into 16 bits with an error of at most (max − min) / 131,068; `log` with a relative error of at most
 * ln(max/min) / 131,068, less than 0.02 % over ten decades. Both are far below a pixel. Infinite values become missing. `log` packs values
 * that are not all positive exactly instead, for a logarithm would lose them.
 */
export function encodeArray(array: NumericArray, packing: Packing, sink: ByteSink): EncodedArray {
  const { shape, data } = array;
  const coded = packing === "exact" && data.length >= LOOKUP_FROM ? byLookup(data) : undefined;
  if (coded) return { type: typeName(coded.codes), shape, lookup: coded.lookup, ...sink.put(bytesOf(coded.codes)) };
  const packed = packing === "exact" ? undefined : pack(data, packing);
  if (packed) return { type: "uint16", shape, quantised: packed.quantised, ...sink.put(bytesOf(packed.codes)) };
  return { type: typeName(data), shape, ...sink.put(bytesOf(data)) };
}

/** Codes of one or two bytes for finite values, if there are few enough different ones. */
function byLookup(data: NumericArray["data"]): { codes: Uint8Array | Uint16Array; lookup: number[] } | undefined {
  if (data.BYTES_PER_ELEMENT === 1) return undefined;
  const places = new Map<number, number>();
  for (const value of data) {
    if (Number.isFinite(value) && !places.has(value)) places.set(value, places.size);
    if (places.size > data.length / 8 || places.size >= MISSING) return undefined;
  }
  const codes = places.size < 0xff ? new Uint8Array(data.length) : new Uint16Array(data.length);
  data.forEach((value, i) => (codes[i] = places.get(value) ?? MISSING));
  return { codes, lookup: [...places.keys()] };
}

function pack(data: NumericArray["data"], packing: "linear" | "log") {
  const extent = finiteExtent(data);
  if (!extent || (packing === "log" && extent[0] <= 0)) return undefined;
  const warp = packing === "log" ? Math.log : (value: number) => value;
  const offset = warp(extent[0]);
  const scale = (warp(extent[1]) - offset) / LARGEST;
  const codes = new Uint16Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    codes[i] = !Number.isFinite(value) ? MISSING : scale === 0 ? 0 : Math.round((warp(value) - offset) / scale);
  }
  return { codes, quantised: packing === "log" ? { offset, scale, log: true } : { offset, scale } };
}

function typeName(data: NumericArray["data"]): ArrayType {
  return data.constructor.name.replace(/Array$/, "").toLowerCase() as ArrayType;
}

/** The array's bytes, copied, so that later changes of the array do not reach a message that is under way. */
function bytesOf(data: NumericArray["data"]): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
}
