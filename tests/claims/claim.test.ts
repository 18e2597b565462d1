import assert from "node:assert/strict";
import { test } from "node:test";
import { claim, type ClaimOptions, claimTable } from "../../src/claims/index.js";
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
