import assert from "node:assert/strict";

export interface Tolerance {
  /** Share of the expected value's size. */
  readonly relative?: number;
  readonly absolute?: number;
}

/** Asserts that two lists of numbers agree: |actual − expected| ≤ absolute + relative·|expected| for every element. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative = 0, absolute = 0 }: Tolerance,
  what = "value",
): void {
  assert.equal(actual.length, expected.length, `${what}: lengths differ`);
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    const fits = Object.is(a, e) || Math.abs(a - e) <= absolute + relative * Math.abs(e);
    assert.ok(fits, `${what} ${i}: got ${a}, expected ${e} ± ${absolute + relative * Math.abs(e)}`);
  }
}
