import { decodeArray, finiteExtent } from "../../views/index.js";
import type { EncodedArray, FigurePayload } from "../protocol.js";
import { isMoment } from "./payload.js";

/** How far one array of a figure is from what it was. */
export interface ArrayDifference {
  readonly name: string;
  /** Largest absolute difference of two values; Infinity where one is missing or the shapes differ. */
  readonly largest: number;
  /** The difference that still counts as the same. */
  readonly tolerance: number;
  /** Row-major index of the largest difference; -1 where shapes differ. */
  readonly at: number;
}

/** What single precision and another machine's mathematical functions may change. */
const RELATIVE_TOLERANCE = 1e-5;

/**
 * Compares the data of two snapshots of the same figure, array by array. What depends on the run alone is left out:
 * identities, times, what is selected, and how latent spaces were on the way. Whole numbers (states, categories, seeds) must be equal; others may differ by
 * the steps in which the snapshots store them and 10⁻⁵ of the largest value (of each value, where steps are logarithmic).
 */
export function figureDifference(before: FigurePayload, after: FigurePayload): ArrayDifference[] {
  const names = [...new Set([...Object.keys(before.arrays), ...Object.keys(after.arrays)])].filter(
    (name) => !isMoment(name),
  );
  return names.map((name) => ({ name, ...arrayDifference(before.arrays[name], after.arrays[name]) }));
}

function arrayDifference(a: EncodedArray | undefined, b: EncodedArray | undefined): Omit<ArrayDifference, "name"> {
  if (!a || !b || a.shape.join() !== b.shape.join()) return { largest: Infinity, tolerance: 0, at: -1 };
  const [old, fresh] = [decodeArray(a).values, decodeArray(b).values];
  const allowed = toleranceOf(a, b, old);
  let worst = { largest: 0, tolerance: allowed(0), at: 0 };
  for (let at = 0; at < old.length; at++) {
    const [x, y] = [old[at]!, fresh[at]!];
    if (Object.is(x, y)) continue;
    const largest = Number.isNaN(x - y) ? Infinity : Math.abs(x - y);
    const tolerance = allowed(x);
    if (largest * worst.tolerance > worst.largest * tolerance) worst = { largest, tolerance, at };
  }
  return worst;
}

/** How far a value may be off, from the value. */
function toleranceOf(a: EncodedArray, b: EncodedArray, values: ArrayLike<number>): (value: number) => number {
  const step = 2 * Math.max(a.quantised?.scale ?? 0, b.quantised?.scale ?? 0);
  const smallest = Number.MIN_VALUE / Number.EPSILON;
  if (a.quantised?.log) return (value) => Math.max(smallest, Math.abs(value) * Math.expm1(step + RELATIVE_TOLERANCE));
  const known = Array.from(values).filter(Number.isFinite);
  if (known.every(Number.isInteger)) return () => 0.5;
  const [low, high] = finiteExtent(known) ?? [0, 0];
  const extent = Math.max(high - low, Math.abs(low), Math.abs(high));
  return () => Math.max(smallest, step + RELATIVE_TOLERANCE * extent);
}
