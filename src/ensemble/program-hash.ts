import { Digest } from "../storage/index.js";
import type { Program } from "../tensor/index.js";
import { writePrograms } from "../tensor/program-text.js";
import type { Grid } from "./grid.js";

/** SHA-256, in hexadecimal, of what programs compute: equal for programs that are built alike, in any process. */
export function hashPrograms(programs: readonly Program[]): string {
  const digest = new Digest();
  writePrograms(programs, (text) => void digest.add(text));
  return digest.hexadecimal;
}

/** SHA-256 of named arrays, in the given order. */
export function hashArrays(
  arrays: Iterable<readonly [name: string, shape: readonly number[], data: ArrayLike<number>]>,
): string {
  const digest = new Digest();
  for (const [name, shape, data] of arrays) digest.add(JSON.stringify([name, shape])).add(Float64Array.from(data));
  return digest.hexadecimal;
}

/** SHA-256 of all members' hyperparameters. */
export const hashGrid = ({ names, count, values }: Grid): string =>
  hashArrays(names.map((name) => [name, [count], values[name]!]));
