import { evaluate } from "../compile/reference.js";
import { Key } from "../tensor/index.js";

/** Numbers drawn at once. */
const CHUNK = 4096;

/**
 * Independent uniform numbers from 0 to below 1, one with each call, of 53 bits: for what runs on the host, such as showers
 * of varying length. The same seed gives the same numbers, from the generator that programs have ({@link Key}).
 *
 * Throws a RangeError unless the seed is an integer from 0 to 2³² − 1.
 * @example
 * const [random, again] = [uniformStream(3), uniformStream(3)];
 * random() === again(); // true
 */
export function uniformStream(seed: number): () => number {
  const key = Key.of(seed);
  let [chunk, at] = [0, CHUNK];
  let words: ArrayLike<number> = [];
  return () => {
    if (at === CHUNK) {
      words = evaluate([key.fold(chunk++).bits([2 * CHUNK])])[0]!;
      at = 0;
    }
    const [high, low] = [words[2 * at]!, words[2 * at + 1]!];
    at++;
    return (Math.floor(high / 2 ** 5) * 2 ** 26 + Math.floor(low / 2 ** 6)) / 2 ** 53;
  };
}
