/**
 * The arithmetic that every backend has for one lane of an elementwise operation. An operation is lowered to it once,
 * in the table of operations; WebAssembly emits vector instructions for it, WGSL expressions.
 *
 * A value `V` is opaque to the lowering. It holds a float, a 32-bit integer (two's complement, shared by signed and
 * unsigned) or a truth value (mask); each method says which it takes: names end in `Int` for integers, `less`, `equal`
 * and the like make masks, `and`, `or`, `not` take them, all others are for floats.
 */
export interface ScalarBuilder<V> {
  float(value: number): V;
  int(value: number): V;

  add(a: V, b: V): V;
  sub(a: V, b: V): V;
  mul(a: V, b: V): V;
  div(a: V, b: V): V;
  /** a·b + c, in one rounding where the engine has it, else in two. */
  multiplyAdd(a: V, b: V, c: V): V;
  neg(a: V): V;
  abs(a: V): V;
  /** `b < a ? b : a`, so that a NaN in `a` stays. */
  min(a: V, b: V): V;
  /** `a < b ? b : a`, so that a NaN in `a` stays. */
  max(a: V, b: V): V;
  sqrt(a: V): V;
  floor(a: V): V;
  /** Nearest integer, ties to even. */
  round(a: V): V;

  less(a: V, b: V): V;
  lessOrEqual(a: V, b: V): V;
  equal(a: V, b: V): V;
  select(condition: V, whenTrue: V, whenFalse: V): V;

  addInt(a: V, b: V): V;
  subInt(a: V, b: V): V;
  mulInt(a: V, b: V): V;
  andInt(a: V, b: V): V;
  orInt(a: V, b: V): V;
  xorInt(a: V, b: V): V;
  /** Shift by a constant number of bits, 0-31. */
  shiftLeft(a: V, bits: number): V;
  shiftRightUnsigned(a: V, bits: number): V;
  shiftRightSigned(a: V, bits: number): V;
  lessInt(a: V, b: V): V;
  lessUnsigned(a: V, b: V): V;
  equalInt(a: V, b: V): V;
  selectInt(condition: V, whenTrue: V, whenFalse: V): V;

  and(a: V, b: V): V;
  or(a: V, b: V): V;
  not(a: V): V;
  /** 1 where true. */
  intOfMask(a: V): V;
  /** True where not zero. */
  maskOfInt(a: V): V;

  /** Truncated toward zero; out of range saturates. */
  signedOfFloat(a: V): V;
  unsignedOfFloat(a: V): V;
  floatOfSigned(a: V): V;
  floatOfUnsigned(a: V): V;
  bitsOfFloat(a: V): V;
  floatOfBits(a: V): V;
}
