import type { Tensor } from "../tensor.js";
import { elementwise } from "./elementwise.js";

const FLOAT = ["f32"] as const;
const NUMBER = ["f32", "u32", "i32"] as const;

/** A result of integer arithmetic, wrapped as 32-bit integers wrap. */
export function wrap(value: number, dtype: string): number {
  return dtype === "f32" ? value : dtype === "u32" ? value >>> 0 : value | 0;
}

/** 1 where a comparison holds, 0 elsewhere: constant in pieces. */
const where = (condition: Tensor): Tensor => condition.cast("f32").stopGradient();

/** Sums, products and their kin. Integers wrap; `div` is for floats. */
export const arithmetic = {
  add: elementwise("add", {
    arity: 2,
    takes: NUMBER,
    reference: ([a, b], _, { inputs }) => wrap(a! + b!, inputs[0]!),
    lower: (s, [a, b], _, { output }) => (output === "f32" ? s.add(a!, b!) : s.addInt(a!, b!)),
    partials: () => [1, 1],
  }),
  sub: elementwise("sub", {
    arity: 2,
    takes: NUMBER,
    reference: ([a, b], _, { inputs }) => wrap(a! - b!, inputs[0]!),
    lower: (s, [a, b], _, { output }) => (output === "f32" ? s.sub(a!, b!) : s.subInt(a!, b!)),
    partials: () => [1, -1],
  }),
  mul: elementwise("mul", {
    arity: 2,
    takes: NUMBER,
    reference: ([a, b], _, { inputs }) => (inputs[0] === "f32" ? a! * b! : wrap(Math.imul(a!, b!), inputs[0]!)),
    lower: (s, [a, b], _, { output }) => (output === "f32" ? s.mul(a!, b!) : s.mulInt(a!, b!)),
    partials: ([a, b]) => [b, a],
  }),
  div: elementwise("div", {
    arity: 2,
    takes: FLOAT,
    reference: ([a, b]) => a! / b!,
    lower: (s, [a, b]) => s.div(a!, b!),
    partials: ([, b], y) => [b!.reciprocal(), y.div(b!).neg()],
  }),
  neg: elementwise("neg", {
    arity: 1,
    takes: FLOAT,
    reference: ([a]) => -a!,
    lower: (s, [a]) => s.neg(a!),
    partials: () => [-1],
  }),
  abs: elementwise("abs", {
    arity: 1,
    takes: FLOAT,
    reference: ([a]) => Math.abs(a!),
    lower: (s, [a]) => s.abs(a!),
    partials: ([a]) => [a!.sign().stopGradient()],
  }),
  min: elementwise("min", {
    arity: 2,
    takes: FLOAT,
    reference: ([a, b]) => (b! < a! ? b! : a!),
    lower: (s, [a, b]) => s.min(a!, b!),
    partials: ([a, b]) => [where(a!.less(b!)), where(b!.lessOrEqual(a!))],
  }),
  max: elementwise("max", {
    arity: 2,
    takes: FLOAT,
    reference: ([a, b]) => (a! < b! ? b! : a!),
    lower: (s, [a, b]) => s.max(a!, b!),
    // By the result, which is kept anyway: where it exceeds b it is a.
    partials: ([, b], y) => [where(b!.less(y)), where(y.lessOrEqual(b!))],
  }),
  sqrt: elementwise("sqrt", {
    arity: 1,
    takes: FLOAT,
    reference: ([a]) => Math.sqrt(a!),
    lower: (s, [a]) => s.sqrt(a!),
    partials: (_, y) => [y.reciprocal().mul(0.5)],
  }),
  floor: elementwise("floor", {
    arity: 1,
    takes: FLOAT,
    reference: ([a]) => Math.floor(a!),
    lower: (s, [a]) => s.floor(a!),
  }),
};
