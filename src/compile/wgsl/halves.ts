import type { HalfFormat } from "../buffer-layout.js";
import type { Expressions, Value } from "./expressions.js";

/**
 * WGSL's `pack2x16float` leaves open what becomes of numbers beyond 65504 and of a NaN: bits say it here. Beyond is infinity, so
 * that what has diverged is seen to have.
 */
export const HALF_FUNCTIONS = `\
fn packed_f16(x: vec2f) -> u32 {
  let bits = bitcast<vec2u>(x);
  let size = bits & vec2u(0x7fffffffu);
  let word = pack2x16float(clamp(x, vec2f(-65504f), vec2f(65504f)));
  let beyond = ((bits >> vec2u(16u)) & vec2u(0x8000u)) | select(vec2u(0x7c00u), vec2u(0x7e00u), size > vec2u(0x7f800000u));
  let halves = select(vec2u(word & 0xffffu, word >> 16u), beyond, size >= vec2u(0x477ff000u));
  return halves.x | (halves.y << 16u);
}
fn packed_bf16(x: vec2f) -> u32 {
  let bits = bitcast<vec2u>(x);
  let even = (bits + vec2u(0x7fffu) + ((bits >> vec2u(16u)) & vec2u(1u))) >> vec2u(16u);
  let quiet = (bits >> vec2u(16u)) | vec2u(0x40u);
  let halves = select(even, quiet, (bits & vec2u(0x7fffffffu)) > vec2u(0x7f800000u));
  return halves.x | (halves.y << 16u);
}`.split("\n");

/** The word that holds two values. */
export const packed = (format: HalfFormat, values: readonly Value[]): string =>
  `packed_${format}(vec2f(${values.map(({ text }) => text).join(", ")}))`;

/** One of the two values that a word holds. */
export function unpacked(e: Expressions, format: HalfFormat, word: Value, half: number): Value {
  if (format === "f16") return e.value(`unpack2x16float(${word.text}).${half === 0 ? "x" : "y"}`, "f32");
  return e.value(`bitcast<f32>(${half === 0 ? `${word.text} << 16u` : `${word.text} & 0xffff0000u`})`, "f32");
}

/** The value of an element, of whose number it is not known before whether it is even. */
export function unpackedAt(e: Expressions, format: HalfFormat, word: Value, element: Value): Value {
  const own = e.value(`${word.text} >> (${element.text} % 2u * 16u)`, "u32");
  return unpacked(e, format, own, 0);
}
