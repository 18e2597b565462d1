import type { ScalarBuilder } from "../../tensor/scalar.js";
import type { DType } from "../../tensor/shape.js";

/** WGSL's type of a value; integers of either sign are u32. Of a vector only components are operands. */
export type ShaderType = "f32" | "u32" | "bool" | "vec4f";

/** A value of the shader: the name of a variable, or a literal. */
export interface Value {
  readonly text: string;
  readonly type: ShaderType;
  /** WGSL evaluates operations on literals while compiling, and refuses those that overflow. */
  readonly literal: boolean;
}

/** A zero that no compiler knows, because the host gives it. */
export const HIDDEN_ZERO = "steps.zero";
/** WGSL has no literals of an infinity and of a NaN, and evaluates no expression that gives one. */
const INFINITY = `bitcast<f32>(0x7f800000u | ${HIDDEN_ZERO})`;
const NOT_A_NUMBER = `bitcast<f32>(0x7fc00000u | ${HIDDEN_ZERO})`;

/** A float32 as WGSL writes it. */
export function floatLiteral(value: number): string {
  if (Number.isNaN(value)) return NOT_A_NUMBER;
  if (!Number.isFinite(Math.fround(value))) return `${value < 0 ? "-" : ""}${INFINITY}`;
  if (Object.is(value, -0)) return "bitcast<f32>(0x80000000u)";
  return `${Math.fround(value)}f`;
}

const isInfinity = ({ text }: Value): boolean => text === INFINITY;

/**
 * Statements that compute values of one scope: each operation is a `let`, and is written once. Nothing rests on how a
 * driver treats a NaN in a comparison with itself or with an infinity: those look at bits.
 */
export class Expressions implements ScalarBuilder<Value> {
  readonly lines: string[] = [];
  private readonly known = new Map<string, Value>();
  /**
   * Products, and sums of which one term is a constant, which drivers merge with a constant that is added; and how to write
   * them so that they cannot.
   */
  private readonly mergeable = new Map<string, () => string>();

  /** Names of this scope begin with `prefix`. */
  constructor(private readonly prefix = "v") {}

  /** A value under the name of a variable. */
  named(text: string, type: ShaderType): Value {
    return { text, type, literal: false };
  }

  /** The value of a WGSL expression. */
  value(text: string, type: ShaderType): Value {
    const found = this.known.get(text);
    if (found) return found;
    const value = this.named(`${this.prefix}${this.known.size}`, type);
    this.lines.push(`let ${value.text} = ${text};`);
    this.known.set(text, value);
    return value;
  }

  /** A constant of a tensor's element type. */
  constant(value: number, dtype: DType): Value {
    if (dtype === "f32") return this.float(value);
    return dtype === "bool" ? { text: String(value !== 0), type: "bool", literal: true } : this.int(value);
  }

  float(value: number): Value {
    return { text: floatLiteral(value), type: "f32", literal: true };
  }
  int(value: number): Value {
    return { text: `${value >>> 0}u`, type: "u32", literal: true };
  }

  add(a: Value, b: Value): Value {
    return this.sum(a, "+", b);
  }
  sub(a: Value, b: Value): Value {
    return this.sum(a, "-", b);
  }
  mul(a: Value, b: Value): Value {
    const product = this.infix("f32", a, "*", b);
    this.mergeable.set(product.text, () => `fma(${a.text}, ${b.text}, ${this.hiddenFloat(-0).text})`);
    return product;
  }
  div(a: Value, b: Value): Value {
    return this.infix("f32", a, "/", b);
  }
  multiplyAdd(a: Value, b: Value, c: Value): Value {
    return this.call("f32", "fma", a, b, c);
  }
  neg(a: Value): Value {
    const value = this.value(`-${this.variable(a).text}`, "f32");
    if (this.mergeable.has(a.text)) this.mergeable.set(value.text, () => `-${this.hidden(a).text}`);
    return value;
  }
  abs(a: Value): Value {
    return this.call("f32", "abs", a);
  }
  min(a: Value, b: Value): Value {
    const bound = b.literal ? Number.parseFloat(b.text) : -1;
    const beyond = bound >= 0 ? this.isBeyond(a, bound) : this.less(b, a);
    return this.select(beyond, b, a);
  }
  max(a: Value, b: Value): Value {
    const bound = b.literal ? Number.parseFloat(b.text) : 1;
    const beyond = bound <= 0 ? this.isBeyond(a, bound === 0 ? -0 : bound) : this.less(a, b);
    return this.select(beyond, b, a);
  }
  /** The larger; NaN if either is. */
  maxOrNaN(a: Value, b: Value): Value {
    return this.select(this.or(this.less(a, b), this.not(this.isNumber(b))), b, a);
  }
  sqrt(a: Value): Value {
    return this.call("f32", "sqrt", a);
  }
  floor(a: Value): Value {
    return this.call("f32", "floor", a);
  }
  round(a: Value): Value {
    return this.call("f32", "round", a);
  }

  less(a: Value, b: Value): Value {
    if (!isInfinity(b)) return this.infix("bool", a, "<", b);
    const bits = this.bitsOfFloat(a);
    const finite = this.value(`(${bits.text} & 0x7fffffffu) < 0x7f800000u`, "bool");
    return this.or(finite, this.value(`${bits.text} == 0xff800000u`, "bool"));
  }
  lessOrEqual(a: Value, b: Value): Value {
    return this.infix("bool", a, "<=", b);
  }
  equal(a: Value, b: Value): Value {
    return a.text === b.text ? this.isNumber(a) : this.infix("bool", a, "==", b);
  }
  select(condition: Value, whenTrue: Value, whenFalse: Value): Value {
    return this.value(`select(${whenFalse.text}, ${whenTrue.text}, ${condition.text})`, whenTrue.type);
  }

  addInt(a: Value, b: Value): Value {
    return this.infix("u32", a, "+", b);
  }
  subInt(a: Value, b: Value): Value {
    return this.infix("u32", a, "-", b);
  }
  mulInt(a: Value, b: Value): Value {
    return this.infix("u32", a, "*", b);
  }
  andInt(a: Value, b: Value): Value {
    return this.infix("u32", a, "&", b);
  }
  orInt(a: Value, b: Value): Value {
    return this.infix("u32", a, "|", b);
  }
  xorInt(a: Value, b: Value): Value {
    return this.infix("u32", a, "^", b);
  }
  shiftLeft(a: Value, bits: number): Value {
    return bits === 0 ? a : this.infix("u32", a, "<<", this.int(bits));
  }
  shiftRightUnsigned(a: Value, bits: number): Value {
    return bits === 0 ? a : this.infix("u32", a, ">>", this.int(bits));
  }
  shiftRightSigned(a: Value, bits: number): Value {
    return bits === 0 ? a : this.value(`bitcast<u32>(${this.signed(a)} >> ${bits}u)`, "u32");
  }
  lessInt(a: Value, b: Value): Value {
    return this.value(`${this.signed(a)} < ${this.signed(b)}`, "bool");
  }
  lessUnsigned(a: Value, b: Value): Value {
    return this.infix("bool", a, "<", b);
  }
  equalInt(a: Value, b: Value): Value {
    return this.infix("bool", a, "==", b);
  }
  selectInt(condition: Value, whenTrue: Value, whenFalse: Value): Value {
    return this.select(condition, whenTrue, whenFalse);
  }

  and(a: Value, b: Value): Value {
    return this.infix("bool", a, "&", b);
  }
  or(a: Value, b: Value): Value {
    return this.infix("bool", a, "|", b);
  }
  not(a: Value): Value {
    return this.value(`!${this.variable(a).text}`, "bool");
  }
  intOfMask(a: Value): Value {
    return this.value(`select(0u, 1u, ${a.text})`, "u32");
  }
  maskOfInt(a: Value): Value {
    return this.value(`${a.text} != 0u`, "bool");
  }

  signedOfFloat(a: Value): Value {
    return this.value(`select(0u, bitcast<u32>(i32(${this.variable(a).text})), ${this.isNumber(a).text})`, "u32");
  }
  unsignedOfFloat(a: Value): Value {
    return this.value(`select(0u, u32(${this.variable(a).text}), ${this.isNumber(a).text})`, "u32");
  }
  floatOfSigned(a: Value): Value {
    return this.value(`f32(${this.signed(a)})`, "f32");
  }
  floatOfUnsigned(a: Value): Value {
    return this.call("f32", "f32", a);
  }
  bitsOfFloat(a: Value): Value {
    return this.call("u32", "bitcast<u32>", a);
  }
  floatOfBits(a: Value): Value {
    return this.call("f32", "bitcast<f32>", a);
  }

  /** Drivers take x + 1 − 1 for x, and round 1 − x² once: both lose what the rounding is to show. Here they cannot. */
  private sum(a: Value, operator: "+" | "-", b: Value): Value {
    const [left, right] = a.literal || b.literal ? [this.hidden(a), this.hidden(b)] : [a, b];
    const value = this.infix("f32", left, operator, right);
    if (a.literal || b.literal) {
      const term = operator === "+" ? right.text : `-(${right.text})`;
      this.mergeable.set(value.text, () => `fma(${this.hiddenFloat(1).text}, ${left.text}, ${term})`);
    }
    return value;
  }
  private hidden(a: Value): Value {
    const written = this.mergeable.get(a.text);
    return written ? this.value(written(), "f32") : a;
  }
  /** A number that no compiler knows: a multiply-add with it takes no longer than the product, or the sum, by itself. */
  private hiddenFloat(value: number): Value {
    return this.value(`bitcast<f32>(${bitsOf(value)}u | ${HIDDEN_ZERO})`, "f32");
  }

  /**
   * True for numbers that are farther from 0 than a bound, on its side. Drivers take a comparison of floats before a choice for their
   * instruction `max`, which drops a NaN; bits say that it lies beyond infinity.
   */
  private isBeyond(a: Value, bound: number): Value {
    const first = bitsOf(bound) + 1;
    const count = bitsOf(bound < 0 || Object.is(bound, -0) ? -Infinity : Infinity) + 1 - first;
    return this.value(`(${this.bitsOfFloat(a).text} - ${first}u) < ${count}u`, "bool");
  }
  private isNumber(a: Value): Value {
    return this.value(`(${this.bitsOfFloat(a).text} & 0x7fffffffu) <= 0x7f800000u`, "bool");
  }
  private signed(a: Value): string {
    return `bitcast<i32>(${this.variable(a).text})`;
  }
  /** The value as something that no compiler evaluates beforehand. */
  private variable(a: Value): Value {
    return a.literal ? this.value(a.text, a.type) : a;
  }
  private infix(type: ShaderType, a: Value, operator: string, b: Value): Value {
    const left = b.literal ? this.variable(a) : a;
    return this.value(`${left.text} ${operator} ${b.text}`, type);
  }
  private call(type: ShaderType, name: string, ...operands: Value[]): Value {
    return this.value(`${name}(${operands.map((operand) => this.variable(operand).text).join(", ")})`, type);
  }
}

const words = new DataView(new ArrayBuffer(4));

/** The word of a float32. */
function bitsOf(value: number): number {
  words.setFloat32(0, value);
  return words.getUint32(0);
}
