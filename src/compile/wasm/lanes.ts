import type { ScalarBuilder } from "../../tensor/scalar.js";
import { SIMD } from "./assembler.js";

/** What a value of the expression graph is: an instruction, a constant, or something the kernel provides. */
export type ValueKind =
  | { readonly kind: "simd"; readonly opcode: number; readonly immediate?: number }
  | { readonly kind: "constant"; readonly bits: number }
  | { readonly kind: "leaf"; readonly leaf: number };

/** A vector of four lanes computed from others. Equal values are the same object. */
export interface Value {
  readonly id: number;
  readonly what: ValueKind;
  readonly inputs: readonly Value[];
}

const bitsOf = (() => {
  const float = new Float32Array(1);
  const bits = new Int32Array(float.buffer);
  return (value: number): number => {
    float[0] = value;
    return bits[0]!;
  };
})();

const isNegative = ({ what }: Value): boolean => what.kind === "simd" && what.opcode === SIMD.neg;

/**
 * Lane arithmetic as a graph of vector instructions, each kept once: what two operations of a kernel have in common
 * (the rounds of a random number generator that gives two words, say) is computed once.
 */
export class LaneGraph implements ScalarBuilder<Value> {
  private readonly known = new Map<string, Value>();

  /** `relaxed`: multiply-add in one rounding. */
  constructor(private readonly relaxed: boolean) {}

  /** Something that the kernel provides under a number: loaded from memory, or an index. */
  leaf(leaf: number): Value {
    return this.value(`leaf ${leaf}`, { kind: "leaf", leaf }, []);
  }

  float(value: number): Value {
    return this.int(bitsOf(value));
  }
  int(value: number): Value {
    return this.value(`constant ${value | 0}`, { kind: "constant", bits: value | 0 }, []);
  }

  add(a: Value, b: Value): Value {
    if (isNegative(a)) return this.sub(b, a.inputs[0]!);
    if (isNegative(b)) return this.sub(a, b.inputs[0]!);
    return this.commutative(SIMD.add, a, b);
  }
  sub(a: Value, b: Value): Value {
    return this.simd(SIMD.sub, a, b);
  }
  mul(a: Value, b: Value): Value {
    return this.commutative(SIMD.mul, a, b);
  }
  div(a: Value, b: Value): Value {
    return this.simd(SIMD.div, a, b);
  }
  multiplyAdd(a: Value, b: Value, c: Value): Value {
    return this.relaxed ? this.simd(SIMD.relaxedMultiplyAdd, a, b, c) : this.add(this.mul(a, b), c);
  }
  neg(a: Value): Value {
    return this.simd(SIMD.neg, a);
  }
  abs(a: Value): Value {
    return this.simd(SIMD.abs, a);
  }
  min(a: Value, b: Value): Value {
    return this.simd(SIMD.pseudoMin, a, b);
  }
  max(a: Value, b: Value): Value {
    return this.simd(SIMD.pseudoMax, a, b);
  }
  /** The larger; NaN if either is. */
  maxOrNaN(a: Value, b: Value): Value {
    return this.simd(SIMD.max, a, b);
  }
  sqrt(a: Value): Value {
    return this.simd(SIMD.sqrt, a);
  }
  floor(a: Value): Value {
    return this.simd(SIMD.floor, a);
  }
  round(a: Value): Value {
    return this.simd(SIMD.nearest, a);
  }

  less(a: Value, b: Value): Value {
    return this.simd(SIMD.less, a, b);
  }
  lessOrEqual(a: Value, b: Value): Value {
    return this.simd(SIMD.lessOrEqual, a, b);
  }
  equal(a: Value, b: Value): Value {
    return this.commutative(SIMD.equal, a, b);
  }
  select(condition: Value, whenTrue: Value, whenFalse: Value): Value {
    return this.simd(this.relaxed ? SIMD.relaxedLaneSelect : SIMD.bitselect, whenTrue, whenFalse, condition);
  }

  addInt(a: Value, b: Value): Value {
    return this.commutative(SIMD.intAdd, a, b);
  }
  subInt(a: Value, b: Value): Value {
    return this.simd(SIMD.intSub, a, b);
  }
  mulInt(a: Value, b: Value): Value {
    return this.commutative(SIMD.intMul, a, b);
  }
  andInt(a: Value, b: Value): Value {
    return this.commutative(SIMD.and, a, b);
  }
  orInt(a: Value, b: Value): Value {
    return this.commutative(SIMD.or, a, b);
  }
  xorInt(a: Value, b: Value): Value {
    return this.commutative(SIMD.xor, a, b);
  }
  shiftLeft(a: Value, bits: number): Value {
    return this.shift(SIMD.shiftLeft, a, bits);
  }
  shiftRightUnsigned(a: Value, bits: number): Value {
    return this.shift(SIMD.shiftRightUnsigned, a, bits);
  }
  shiftRightSigned(a: Value, bits: number): Value {
    return this.shift(SIMD.shiftRightSigned, a, bits);
  }
  lessInt(a: Value, b: Value): Value {
    return this.simd(SIMD.intLess, a, b);
  }
  lessUnsigned(a: Value, b: Value): Value {
    return this.simd(SIMD.unsignedLess, a, b);
  }
  equalInt(a: Value, b: Value): Value {
    return this.commutative(SIMD.intEqual, a, b);
  }
  selectInt(condition: Value, whenTrue: Value, whenFalse: Value): Value {
    return this.select(condition, whenTrue, whenFalse);
  }

  and(a: Value, b: Value): Value {
    return this.andInt(a, b);
  }
  or(a: Value, b: Value): Value {
    return this.orInt(a, b);
  }
  not(a: Value): Value {
    return this.simd(SIMD.not, a);
  }
  intOfMask(a: Value): Value {
    return this.andInt(a, this.int(1));
  }
  maskOfInt(a: Value): Value {
    return this.simd(SIMD.intNotEqual, a, this.int(0));
  }

  signedOfFloat(a: Value): Value {
    return this.simd(SIMD.truncSigned, a);
  }
  unsignedOfFloat(a: Value): Value {
    return this.simd(SIMD.truncUnsigned, a);
  }
  floatOfSigned(a: Value): Value {
    return this.simd(SIMD.convertSigned, a);
  }
  floatOfUnsigned(a: Value): Value {
    return this.simd(SIMD.convertUnsigned, a);
  }
  bitsOfFloat(a: Value): Value {
    return a;
  }
  floatOfBits(a: Value): Value {
    return a;
  }

  simd(opcode: number, ...inputs: Value[]): Value {
    return this.value(`${opcode} ${inputs.map((input) => input.id).join()}`, { kind: "simd", opcode }, inputs);
  }
  private commutative(opcode: number, a: Value, b: Value): Value {
    return a.id <= b.id ? this.simd(opcode, a, b) : this.simd(opcode, b, a);
  }
  private shift(opcode: number, a: Value, bits: number): Value {
    return bits === 0 ? a : this.value(`${opcode} ${a.id} by ${bits}`, { kind: "simd", opcode, immediate: bits }, [a]);
  }
  private value(key: string, what: ValueKind, inputs: readonly Value[]): Value {
    const found = this.known.get(key);
    if (found) return found;
    const value = { id: this.known.size, what, inputs };
    this.known.set(key, value);
    return value;
  }
}
