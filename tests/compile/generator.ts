import type { DType } from "../../src/tensor/shape.js";

/** Bounds of random floats. */
export interface Draw {
  readonly low: number;
  readonly high: number;
}

/** Random numbers that are the same in every run (mulberry32). */
export function generator(seed: number) {
  let state = seed >>> 0;
  const bits = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  const below = (count: number): number => bits() % count;
  const value = (dtype: DType, { low, high }: Draw): number => {
    if (dtype === "bool") return below(2);
    if (dtype === "u32") return bits();
    if (dtype === "i32") return bits() | 0;
    return Math.fround(low + (high - low) * (bits() / 2 ** 32));
  };
  const values = (dtype: DType, count: number, draw: Draw = { low: -2, high: 2 }): number[] =>
    Array.from({ length: count }, () => value(dtype, draw));
  return { bits, below, values, pick: <T>(items: readonly T[]): T => items[below(items.length)]! };
}
