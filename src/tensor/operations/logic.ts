import { elementwise } from "./elementwise.js";
import { DTypeError, sameShape, ShapeError, showShape } from "../shape.js";
import type { ElementwiseOperation, Lowering } from "../operation.js";

const NUMBER = ["f32", "u32", "i32"] as const;
const BITS = ["bool", "u32", "i32"] as const;

const lowerLess: Lowering<"less"> = (s, [a, b], _, { inputs: [type] }) =>
  type === "f32" ? s.less(a!, b!) : type === "u32" ? s.lessUnsigned(a!, b!) : s.lessInt(a!, b!);

/** A bitwise result as an element of its type; `bool` is 0 or 1. */
const wrapBits = (value: number, dtype: string) => (dtype === "u32" ? value >>> 0 : value);

const select: ElementwiseOperation<"select"> = {
  kind: "elementwise",
  spec([condition, whenTrue, whenFalse]) {
    if (condition?.dtype !== "bool") {
      throw new DTypeError(
        `select takes a bool condition, got ${condition?.dtype}. Compare first: x.less(0).select(a, b).`,
      );
    }
    if (whenTrue!.dtype !== whenFalse!.dtype) {
      throw new DTypeError(
        `select: the choices are ${whenTrue!.dtype} and ${whenFalse!.dtype}; convert one with .cast().`,
      );
    }
    const shapes = [condition, whenTrue!, whenFalse!].map((input) => input.shape);
    if (!shapes.every((shape) => sameShape(shape, shapes[0]!))) {
      throw new ShapeError(`select: shapes ${shapes.map(showShape).join(", ")} differ.`);
    }
    return whenTrue!;
  },
  reference: ([condition, whenTrue, whenFalse]) => (condition! ? whenTrue! : whenFalse!),
  lower: (s, [condition, whenTrue, whenFalse], _, { output }) => {
    if (output === "f32") return s.select(condition!, whenTrue!, whenFalse!);
    if (output !== "bool") return s.selectInt(condition!, whenTrue!, whenFalse!);
    return s.or(s.and(condition!, whenTrue!), s.and(s.not(condition!), whenFalse!));
  },
  partials: ([condition], output) =>
    output.dtype === "f32"
      ? [undefined, ...[condition!, condition!.not()].map((side) => side.cast("f32").stopGradient())]
      : [],
};

/** Comparison, choice, and operations on truth values and bits. */
export const logic = {
  less: elementwise("less", {
    arity: 2,
    takes: NUMBER,
    gives: "bool",
    reference: ([a, b]) => Number(a! < b!),
    lower: lowerLess,
  }),
  lessOrEqual: elementwise("lessOrEqual", {
    arity: 2,
    takes: NUMBER,
    gives: "bool",
    reference: ([a, b]) => Number(a! <= b!),
    lower: (s, [a, b], attributes, types) =>
      types.inputs[0] === "f32" ? s.lessOrEqual(a!, b!) : s.not(lowerLess(s, [b!, a!], attributes, types)),
  }),
  equal: elementwise("equal", {
    arity: 2,
    takes: NUMBER,
    gives: "bool",
    reference: ([a, b]) => Number(a! === b!),
    lower: (s, [a, b], _, { inputs: [type] }) => (type === "f32" ? s.equal(a!, b!) : s.equalInt(a!, b!)),
  }),
  select,
  not: elementwise("not", {
    arity: 1,
    takes: BITS,
    reference: ([a], _, { inputs: [type] }) => (type === "bool" ? 1 - a! : wrapBits(~a!, type!)),
    lower: (s, [a], _, { output }) => (output === "bool" ? s.not(a!) : s.xorInt(a!, s.int(-1))),
  }),
  and: elementwise("and", {
    arity: 2,
    takes: BITS,
    reference: ([a, b], _, { inputs: [type] }) => wrapBits(a! & b!, type!),
    lower: (s, [a, b], _, { output }) => (output === "bool" ? s.and(a!, b!) : s.andInt(a!, b!)),
  }),
  or: elementwise("or", {
    arity: 2,
    takes: BITS,
    reference: ([a, b], _, { inputs: [type] }) => wrapBits(a! | b!, type!),
    lower: (s, [a, b], _, { output }) => (output === "bool" ? s.or(a!, b!) : s.orInt(a!, b!)),
  }),
  xor: elementwise("xor", {
    arity: 2,
    takes: ["u32", "i32"],
    reference: ([a, b], _, { inputs: [type] }) => wrapBits(a! ^ b!, type!),
    lower: (s, [a, b]) => s.xorInt(a!, b!),
  }),
  shiftLeft: elementwise("shiftLeft", {
    arity: 1,
    takes: ["u32", "i32"],
    reference: ([a], { bits }, { inputs: [type] }) => wrapBits(a! << bits, type!),
    lower: (s, [a], { bits }) => s.shiftLeft(a!, bits),
  }),
  shiftRight: elementwise("shiftRight", {
    arity: 1,
    takes: ["u32", "i32"],
    reference: ([a], { bits }, { inputs: [type] }) => (type === "u32" ? a! >>> bits : a! >> bits),
    lower: (s, [a], { bits }, { output }) =>
      output === "u32" ? s.shiftRightUnsigned(a!, bits) : s.shiftRightSigned(a!, bits),
  }),
};
