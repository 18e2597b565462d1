/** Long typed arrays: their ends and their range, instead of their first hundred elements. */
import type { MimeBundle } from "../../../src/protocol.js";

type NumberArray =
  Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

/** Up to this length `util.inspect` shows all elements. */
const SHORT = 100;
const HEAD = 6;
const TAIL = 3;
const DIGITS = 6;

export function representTypedArray(value: object): MimeBundle | undefined {
  if (!ArrayBuffer.isView(value) || value instanceof DataView || Buffer.isBuffer(value)) return undefined;
  const array = value as NumberArray;
  if (array.length <= SHORT || typeof array[0] !== "number") return undefined;
  const format = (x: number): string => String(Number(x.toPrecision(DIGITS)));
  const ends = [...array.subarray(0, HEAD)].map(format).concat("…", [...array.subarray(-TAIL)].map(format));
  const { min, max, mean, missing } = summarise(array);
  const note = missing > 0 ? `, ${missing} NaN` : "";
  const text = `${array.constructor.name}(${array.length}) [${ends.join(", ")}]\nmin ${format(min)}, mean ${format(mean)}, max ${format(max)}${note}`;
  return { "text/plain": text };
}

/** Range and mean of the elements that are numbers. */
function summarise(array: NumberArray): { min: number; max: number; mean: number; missing: number } {
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let missing = 0;
  for (let i = 0; i < array.length; i++) {
    const x = array[i] ?? NaN;
    if (x !== x) {
      missing++;
      continue;
    }
    if (x < min) min = x;
    if (x > max) max = x;
    sum += x;
  }
  return { min, max, mean: sum / (array.length - missing), missing };
}
