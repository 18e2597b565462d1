/** Float16 (IEEE 754 binary16), of which Node has arrays from version 24 on. */

/** The largest finite one. */
export const LARGEST_HALF = 65504;

/** Numbers from here on are nearer to what would follow the largest one. */
const INFINITE_FROM = 65520;
const SIGN = 0x8000;
const INFINITY = 0x7c00;
const NOT_A_NUMBER = 0x7e00;
/** Bits of the significand that are stored, and the exponent of the smallest normal numbers. */
const DIGITS = 10;
const LEAST_EXPONENT = -14;

/** True for finite numbers of which float16 has only an infinity. */
export const isBeyondHalves = (value: number): boolean => Number.isFinite(value) && Math.abs(value) >= INFINITE_FROM;

const word = new DataView(new ArrayBuffer(8));

/** The bits of the number that is nearest; of two, of the even one. */
export function bitsOfHalf(value: number): number {
  if (Number.isNaN(value)) return NOT_A_NUMBER;
  const sign = value < 0 || Object.is(value, -0) ? SIGN : 0;
  const size = Math.abs(value);
  if (size >= INFINITE_FROM) return sign | INFINITY;
  word.setFloat64(0, size);
  const exponent = Math.max((word.getUint16(0) >> 4) - 1023, LEAST_EXPONENT);
  // What is rounded up to a power of two carries into the exponent.
  return sign | (roundToEven(size * 2 ** (DIGITS - exponent)) + ((exponent - LEAST_EXPONENT) << DIGITS));
}

/** The number that 16 bits stand for. */
export function valueOfHalf(bits: number): number {
  const [exponent, digits] = [(bits & INFINITY) >> DIGITS, bits & (2 ** DIGITS - 1)];
  const sign = bits & SIGN ? -1 : 1;
  if (exponent === INFINITY >> DIGITS) return digits > 0 ? NaN : sign * Infinity;
  const significand = exponent > 0 ? digits + 2 ** DIGITS : digits;
  return sign * significand * 2 ** (Math.max(exponent, 1) - 1 + LEAST_EXPONENT - DIGITS);
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
