import type { ClaimKind, ClaimRecord, Verdict } from "../protocol.js";

/** What is claimed of a number, and the number. */
export interface ClaimOptions {
  /** Unique in the notebook, for example "A1.1". */
  readonly id: string;
  readonly statement: string;
  /** One value, or one for each of several members that must all agree. */
  readonly measured: number | ArrayLike<number>;
  /** Standard error of the measured value (of each, when there are several). */
  readonly error?: number;
  /** A value, or an interval with at least one end. Open claims have none. */
  readonly expected?: number | { readonly min?: number; readonly max?: number };
  /** How far a value may lie outside, absolute; fixed before looking. Default: 4 standard errors, else 0. */
  readonly tolerance?: number;
  /** Where the expected value comes from: theorem, arXiv id with equation or table, computation. */
  readonly source: string;
  readonly kind: ClaimKind;
  readonly unit?: string;
}

/** Standard errors that a measured value may be off by default. */
const DEFAULT_SIGMAS = 4;

/**
 * A claim as data, with the verdict of its measurement: `agrees` when every value lies in the expected interval
 * widened by the tolerance, `disagrees` when one does not, `inconclusive` when there is nothing to judge by (no value,
 * or one that is not a number), `measured` for open questions.
 *
 * Throws a TypeError when the expectation is missing or, for an open claim, present.
 */
export function claim(options: ClaimOptions): ClaimRecord {
  const { id, statement, kind, source, error, unit } = options;
  const values = typeof options.measured === "number" ? [options.measured] : Array.from(options.measured);
  const interval = intervalOf(options);
  const tolerance = options.tolerance ?? DEFAULT_SIGMAS * (error ?? 0);
  if (!(tolerance >= 0)) throw new RangeError(`Claim ${id}: the tolerance must not be negative, got ${tolerance}.`);
  return {
    id,
    statement,
    kind,
    source,
    measured: { values: values.map(finiteOrNull), error: error === undefined ? null : finiteOrNull(error) },
    ...(interval && { expected: { min: finiteOrNull(interval.min), max: finiteOrNull(interval.max) } }),
    tolerance,
    ...(unit !== undefined && { unit }),
    ...judge(values, interval, tolerance),
  };
}

interface Interval {
  readonly min: number;
  readonly max: number;
}

function intervalOf({ id, kind, expected }: ClaimOptions): Interval | undefined {
  if ((kind === "open") !== (expected === undefined)) {
    throw new TypeError(
      kind === "open"
        ? `Claim ${id} is open, so it has no expected value; give it a kind, or drop "expected".`
        : `Claim ${id} needs an expected value; without one its kind is "open".`,
    );
  }
  if (expected === undefined) return undefined;
  const { min = -Infinity, max = Infinity } =
    typeof expected === "number" ? { min: expected, max: expected } : expected;
  if (!(min <= max) || (min === -Infinity && max === Infinity)) {
    throw new RangeError(`Claim ${id}: expected from ${min} to ${max} is no interval.`);
  }
  return { min, max };
}

function judge(
  values: readonly number[],
  interval: Interval | undefined,
  tolerance: number,
): { verdict: Verdict; note?: string } {
  if (values.length === 0) return { verdict: "inconclusive", note: "there is no value" };
  const missing = values.filter((value) => Number.isNaN(value)).length;
  if (missing > 0) return { verdict: "inconclusive", note: `${missing} of ${values.length} values are not numbers` };
  if (!interval) return { verdict: "measured" };
  const outside = values.filter((value) => value < interval.min - tolerance || value > interval.max + tolerance);
  if (outside.length === 0) return { verdict: "agrees" };
  return values.length === 1
    ? { verdict: "disagrees" }
    : { verdict: "disagrees", note: `${outside.length} of ${values.length} values lie outside` };
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
