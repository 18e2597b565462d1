import { base64FromBytes, finiteExtent } from "../../views/index.js";
import type { ArrayType, EncodedArray, NumericArray } from "../protocol.js";

/** How values are packed: exactly, or as 16-bit codes spaced evenly on a linear or a logarithmic axis. */
export type Packing = "exact" | "linear" | "log";

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
  const packed = packing === "exact" ? undefined : pack(data, packing);
  if (packed) return { type: "uint16", shape, quantised: packed.quantised, ...sink.put(bytesOf(packed.codes)) };
  return { type: typeName(data), shape, ...sink.put(bytesOf(data)) };
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
