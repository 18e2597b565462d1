import type { StructuralOperation } from "../operation.js";
import type { DType } from "../shape.js";
import type { ScalarBuilder } from "../scalar.js";
import { DTypeError } from "../shape.js";
import { elementwise } from "./elementwise.js";

const scratch = new DataView(new ArrayBuffer(4));

function referenceCast(value: number, from: DType, to: DType): number {
  if (to === "f32") return value;
  if (to === "bool") return Number(value !== 0);
  if (from !== "f32") return to === "u32" ? value >>> 0 : value | 0;
  const [low, high] = to === "u32" ? [0, 0xffffffff] : [-0x80000000, 0x7fffffff];
  return Number.isNaN(value) ? 0 : Math.min(high, Math.max(low, Math.trunc(value)));
}

function lowerCast<V>(s: ScalarBuilder<V>, value: V, from: DType, to: DType): V {
  if (from === to) return value;
  if (from === "bool") return to === "f32" ? s.select(value, s.float(1), s.float(0)) : s.intOfMask(value);
  if (to === "bool") return from === "f32" ? s.not(s.equal(value, s.float(0))) : s.maskOfInt(value);
  if (to === "f32") return from === "u32" ? s.floatOfUnsigned(value) : s.floatOfSigned(value);
  if (from === "f32") return to === "u32" ? s.unsignedOfFloat(value) : s.signedOfFloat(value);
  return value;
}

function readBits(value: number, from: DType): void {
  if (from === "f32") scratch.setFloat32(0, value);
  else scratch.setUint32(0, value);
}

const customGradient: StructuralOperation<"customGradient"> = {
  kind: "view",
  spec: ([value]) => value!,
  reference: ([value]) => value!.data,
  pullback: (g, [, ...inputs], value, { backward }) => [undefined, ...backward(g, inputs, value)],
  pushforward() {
    throw new Error("A function with a customGradient has a derivative in reverse mode only: use grad, not jvp.");
  },
};

/** Conversions between element types, and the identities that only differentiation sees. */
export const conversion = {
  cast: elementwise("cast", {
    arity: 1,
    gives: ({ dtype }) => dtype,
    reference: ([a], { dtype }, { inputs: [from] }) => referenceCast(a!, from!, dtype),
    lower: (s, [a], { dtype }, { inputs: [from] }) => lowerCast(s, a!, from!, dtype),
    partials: ([a], output) => (a!.dtype === "f32" && output.dtype === "f32" ? [1] : []),
  }),
  bitcast: elementwise("bitcast", {
    arity: 1,
    gives: ({ dtype }) => {
      if (dtype === "bool") throw new DTypeError("bitcast: a bool has no 32-bit pattern; use .cast().");
      return dtype;
    },
    takes: ["f32", "u32", "i32"],
    reference: ([a], { dtype }, { inputs: [from] }) => {
      readBits(a!, from!);
      return dtype === "f32" ? scratch.getFloat32(0) : dtype === "u32" ? scratch.getUint32(0) : scratch.getInt32(0);
    },
    lower: (s, [a], { dtype }, { inputs: [from] }) => {
      if (from === "f32") return dtype === "f32" ? a! : s.bitsOfFloat(a!);
      return dtype === "f32" ? s.floatOfBits(a!) : a!;
    },
  }),
  identity: elementwise("identity", { arity: 1, reference: ([a]) => a!, lower: (_, [a]) => a!, partials: () => [1] }),
  stopGradient: elementwise("stopGradient", { arity: 1, reference: ([a]) => a!, lower: (_, [a]) => a! }),
  customGradient,
};
