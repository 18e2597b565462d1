import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { jackknife, mean, standardError } from "../../src/stats/index.js";
import { Key } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

/** Deterministic numbers that look random, from 0 to 1. */
const scattered = (count: number, rate = 0.754877) =>
  Float64Array.from({ length: count }, (_, i) => ((i + 1) * rate) % 1);

test("of a mean, leaving one out gives the textbook's standard error", () => {
  const sample = scattered(60);
  const { value, error } = jackknife([sample], ([x]) => x!, { blocks: 60 });
  assertClose([value, error], [mean(sample), standardError(sample)], { absolute: 1e-12 });
});

test("of a ratio it is what linear propagation of errors says", () => {
  const x = scattered(10_000).map((u) => 1 + u);
  const y = scattered(10_000, 0.569841).map((u, i) => 2 + u + x[i]!);
  const { value, error } = jackknife([x, y], ([a, b]) => a! / b!, { blocks: 10_000 });
  const ratio = mean(x) / mean(y);
  const residuals = x.map((a, i) => (a - ratio * y[i]!) / mean(y));
  assertClose([value, error], [ratio, standardError(residuals)], { relative: 1e-3 });
});

test("the number of blocks hardly matters, even where it does not divide the sample", () => {
  const sample = evaluate([Key.of(3).normal([1003])])[0]!;
  const [few, many] = [30, 1003].map((blocks) => jackknife([sample], ([x]) => Math.exp(x!), { blocks }));
  assert.equal(few!.value, many!.value);
  assertClose([few!.error], [many!.error], { relative: 0.4 });
});

test("columns of different lengths, and too few values, are refused", () => {
  assert.throws(() => jackknife([[1, 2], [1]], () => 0), /got 2, 1/);
  assert.throws(() => jackknife([], () => 0), /got none/);
  assert.throws(() => jackknife([[1]], () => 0), /at least 2/);
});
