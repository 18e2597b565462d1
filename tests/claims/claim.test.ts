import assert from "node:assert/strict";
import { test } from "node:test";
import { claim, type ClaimOptions, claimRow, claimTable } from "../../src/claims/index.js";
import { CLAIMS_MIME, DISPLAY_METHOD } from "../../src/protocol.js";

const base: ClaimOptions = {
  id: "T1",
  statement: "a statement",
  source: "a theorem",
  kind: "exact",
  measured: 1,
  expected: 1,
};
const verdict = (changes: Partial<ClaimOptions>) => claim({ ...base, ...changes }).verdict;

test("a value agrees within four standard errors, and not beyond", () => {
  assert.equal(verdict({ measured: 1.039, error: 0.01 }), "agrees");
  assert.equal(verdict({ measured: 1.041, error: 0.01 }), "disagrees");
  assert.equal(verdict({ measured: 1.041 }), "disagrees");
  assert.equal(verdict({ measured: 1.041, tolerance: 0.05 }), "agrees");
});

test("an interval holds for every value", () => {
  assert.equal(verdict({ measured: [1.95, 1.99], expected: { min: 1.9, max: 2 } }), "agrees");
  const { verdict: found, note } = claim({ ...base, measured: [1.95, 1.7], expected: { min: 1.9, max: 2 } });
  assert.deepEqual([found, note], ["disagrees", "1 of 2 values lie outside"]);
  assert.equal(verdict({ measured: 5, expected: { min: 1 } }), "agrees");
  assert.equal(verdict({ measured: Infinity, expected: { max: 1 } }), "disagrees");
});

test("nothing to judge by is inconclusive, and open questions are measured", () => {
  assert.equal(verdict({ measured: [] }), "inconclusive");
  assert.equal(verdict({ measured: [1, NaN] }), "inconclusive");
  const { expected: _, ...open } = base;
  assert.equal(claim({ ...open, kind: "open" }).verdict, "measured");
});

test("claims that cannot be judged are refused", () => {
  const { expected: _, ...without } = base;
  assert.throws(() => claim(without), /Claim T1 needs an expected value/);
  assert.throws(() => claim({ ...base, kind: "open" }), /Claim T1 is open/);
  assert.throws(() => claim({ ...base, expected: { min: 2, max: 1 } }), /from 2 to 1 is no interval/);
  assert.throws(() => claim({ ...base, tolerance: -1 }), /must not be negative, got -1/);
  assert.throws(() => claimTable(claim(base), claim(base)), /Two claims are called "T1"/);
});

test("a table shows every claim and carries it as data", () => {
  const statement = "x < y & more";
  const table = claimTable(claim({ ...base, statement }), claim({ ...base, id: "T2", measured: [2, 3], unit: "%" }));
  assert.equal(table.holds, false);
  const bundle = table[DISPLAY_METHOD]();
  assert.deepEqual(bundle[CLAIMS_MIME], JSON.parse(JSON.stringify(table.claims)));
  assert.match(bundle["text/html"] as string, /T1: x &#60; y &#38; more/);
  assert.match(
    bundle["text/plain"] as string,
    /✗ disagrees \(2 of 2 values lie outside\) {2}T2: a statement\n {4}measured 2 … 3 % \(2 values\), expected 1 %/,
  );
});

test("a value is shown to the second digit of its error, and numbers as people write them", () => {
  const { expected: _, ...without } = base;
  const shown = (changes: Partial<ClaimOptions>) => claimRow(claim({ ...base, ...changes })).measured;
  const open = (measured: number | number[], error?: number) =>
    claimRow(claim({ ...without, kind: "open", measured, ...(error !== undefined && { error }) })).measured;
  assert.equal(open(0.143336, 0.0000749), "0.143336 ± 0.000075");
  assert.equal(open(1.0001704, 0.00043), "1.00017 ± 0.00043");
  assert.equal(open(10.3218, 0.0996), "10.32 ± 0.10");
  assert.equal(open(19.17, 8.2), "19.2 ± 8.2");
  assert.equal(open(12345.6, 789), "12346 ± 789");
  assert.equal(open([-0.91049, 0.95841], 0.0035), "−0.9105 … 0.9584 ± 0.0035 (2 values)");
  assert.equal(open(-0.00001, 0.0029), "0.0000 ± 0.0029");
  assert.equal(open(4.5e-7, 1.234e-8), "4.5×10⁻⁷ ± 1.2×10⁻⁸");
  assert.equal(open(0), "0");
  assert.equal(open(-1.77636e-15), "−1.776×10⁻¹⁵");
  assert.equal(open(0, 0), "0");
  assert.equal(shown({ measured: 123456 }), "1.235×10⁵");
  const { expected } = claimRow(claim({ ...base, measured: 1, expected: { min: 0.3, max: 0.55 }, tolerance: 0.073 }));
  assert.equal(expected, "0.300 … 0.550 ± 0.073");
  assert.equal(claimRow(claim({ ...base, expected: 0, tolerance: 4 })).expected, "0 ± 4");
  assert.equal(claimRow(claim({ ...base, expected: { max: 0 }, tolerance: 1e-9 })).expected, "≤ 0 ± 1×10⁻⁹");
});
