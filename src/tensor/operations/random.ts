import type { ScalarBuilder } from "../scalar.js";
import { elementwise } from "./elementwise.js";

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;
const PARITY = 0x1bd11bda;

/** The integer arithmetic that Threefry needs, in any representation. */
interface Words<V> {
  add(a: V, b: V): V;
  xor(a: V, b: V): V;
  rotate(a: V, bits: number): V;
  word(value: number): V;
}

/** Threefry-2x32, 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11). */
function threefry2x32<V>(w: Words<V>, key: readonly [V, V], counter: readonly [V, V]): [V, V] {
  const keys = [key[0], key[1], w.xor(w.xor(key[0], key[1]), w.word(PARITY))] as const;
  let x0 = w.add(counter[0], keys[0]);
  let x1 = w.add(counter[1], keys[1]);
  for (let group = 0; group < 5; group++) {
    for (const bits of ROTATIONS[group % 2]!) {
      x0 = w.add(x0, x1);
      x1 = w.xor(w.rotate(x1, bits), x0);
    }
    x0 = w.add(x0, keys[(group + 1) % 3]!);
    x1 = w.add(w.add(x1, keys[(group + 2) % 3]!), w.word(group + 1));
  }
  return [x0, x1];
}

const NUMBERS: Words<number> = {
  add: (a, b) => (a + b) >>> 0,
  xor: (a, b) => (a ^ b) >>> 0,
  rotate: (a, bits) => ((a << bits) | (a >>> (32 - bits))) >>> 0,
  word: (value) => value,
};

const lanes = <V>(s: ScalarBuilder<V>): Words<V> => ({
  add: (a, b) => s.addInt(a, b),
  xor: (a, b) => s.xorInt(a, b),
  rotate: (a, bits) => s.orInt(s.shiftLeft(a, bits), s.shiftRightUnsigned(a, 32 - bits)),
  word: (value) => s.int(value),
});

function choose<V>(w: Words<V>, word: "first" | "second" | "xor", [x0, x1]: [V, V]): V {
  return word === "first" ? x0 : word === "second" ? x1 : w.xor(x0, x1);
}

/** Counter-based random bits; inputs are key0, key1, counter0, counter1 (u32). The same on every engine. */
export const random = {
  threefry: elementwise("threefry", {
    arity: 4,
    takes: ["u32"],
    reference: ([k0, k1, c0, c1], { word }) => choose(NUMBERS, word, threefry2x32(NUMBERS, [k0!, k1!], [c0!, c1!])),
    lower: (s, [k0, k1, c0, c1], { word }) => choose(lanes(s), word, threefry2x32(lanes(s), [k0!, k1!], [c0!, c1!])),
  }),
};
