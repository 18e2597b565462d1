import type { ArrayType, EncodedArray } from "../src/protocol.js";

/** A decoded array: values in row-major order, NaN where missing. */
export interface DecodedArray {
  shape: readonly number[];
  values: Float32Array | Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;
}

/** Bytes of one element. */
export const BYTES_PER_ELEMENT: Record<ArrayType, number> = {
  uint8: 1,
  uint16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  float64: 8,
};

const CONSTRUCTORS = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** Largest code of the quantised types: stands for a missing value. */
const MISSING_CODE: Partial<Record<ArrayType, number>> = { uint8: 0xff, uint16: 0xffff, uint32: 0xffffffff };

/** How many different codes two bytes hold. */
const CODES_16 = 0x10000;

/** Number of elements of an array with this shape. */
export const elementCount = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Bytes that the text of a base64 string stands for. */
export function base64ByteLength(base64: string): number {
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
}

export function bytesFromBase64(base64: string): Uint8Array {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

export function base64FromBytes(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let start = 0; start < bytes.length; start += 0x8000) {
    parts.push(String.fromCharCode(...bytes.subarray(start, start + 0x8000)));
  }
  return btoa(parts.join(""));
}

/**
 * Decodes an array that came over the wire.
 * @param buffers the binary buffers of the message, for arrays that refer to one
 * @throws {RangeError} when the bytes do not fill the shape, or the buffer is absent
 */
export function decodeArray(encoded: EncodedArray, buffers: readonly Uint8Array[] = []): DecodedArray {
  const bytes = bytesOf(encoded, buffers);
  const expected = elementCount(encoded.shape) * BYTES_PER_ELEMENT[encoded.type];
  if (bytes.byteLength !== expected) {
    throw new RangeError(
      `An array of ${encoded.type} with shape [${encoded.shape.join(", ")}] needs ${expected} bytes, got ${bytes.byteLength}.`,
    );
  }
  // A copy, because a typed array must start at a multiple of its element size.
  const codes = new CONSTRUCTORS[encoded.type](bytes.slice().buffer);
  const values = encoded.quantised
    ? dequantise(codes, encoded)
    : encoded.lookup
      ? lookUp(codes, encoded.lookup)
      : codes;
  return { shape: encoded.shape, values };
}

function bytesOf(encoded: EncodedArray, buffers: readonly Uint8Array[]): Uint8Array {
  if (encoded.base64 !== undefined) return bytesFromBase64(encoded.base64);
  const bytes = encoded.buffer === undefined ? undefined : buffers[encoded.buffer];
  if (!bytes) throw new RangeError(`An array refers to buffer ${encoded.buffer}, but ${buffers.length} came along.`);
  return bytes;
}

/** A plain loop: `from` with a function takes several times as long. */
function lookUp(codes: DecodedArray["values"], lookup: readonly number[]): Float64Array {
  const values = new Float64Array(codes.length);
  for (let i = 0; i < values.length; i++) values[i] = lookup[codes[i] as number] ?? NaN;
  return values;
}

function dequantise(codes: DecodedArray["values"], { type, quantised }: EncodedArray): Float32Array {
  const values = new Float32Array(codes.length);
  if (!quantised) return values;
  const { offset, scale, log } = quantised;
  const missing = MISSING_CODE[type];
  const valueOf = (code: number): number =>
    code === missing ? NaN : log ? Math.exp(offset + scale * code) : offset + scale * code;
  if (codes.length <= CODES_16 || type !== "uint16") {
    for (let i = 0; i < codes.length; i++) values[i] = valueOf(codes[i] as number);
    return values;
  }
  // Of very many values each is one of a table, which is shorter.
  const table = Float32Array.from({ length: CODES_16 }, (_, code) => valueOf(code));
  for (let i = 0; i < codes.length; i++) values[i] = table[codes[i] as number] as number;
  return values;
}

/** The same array with its bytes as base64: how a live array enters a saved notebook. */
export function inlineArray(encoded: EncodedArray, buffers: readonly Uint8Array[]): EncodedArray {
  if (encoded.base64 !== undefined) return encoded;
  const { buffer, ...rest } = encoded;
  return { ...rest, base64: base64FromBytes(bytesOf({ ...rest, buffer }, buffers)) };
}

/** Smallest and largest finite value (positive ones only if `positive`); undefined when there is none. */
export function finiteExtent(values: ArrayLike<number>, positive = false): [number, number] | undefined {
  let low = Infinity;
  let high = -Infinity;
  const least = positive ? Number.MIN_VALUE : -Number.MAX_VALUE;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    // False for NaN.
    if (!(value >= least && value <= Number.MAX_VALUE)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : undefined;
}
