/** Random streams against JAX 0.6.2 (threefry, partitionable), whose numbers are copied here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { Key, type Tensor } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

const values = (tensor: Tensor) => Array.from(evaluate([tensor])[0]!);

test("bits are JAX's, also of a folded key", () => {
  // jax.random.bits(PRNGKey(42), (4,)), jax.random.bits(fold_in(PRNGKey(42), 7), (3,))
  assert.deepEqual(values(Key.of(42).bits([4])), [2098992034, 2919706841, 2646866425, 2409546199]);
  assert.deepEqual(values(Key.of(42).fold(7).bits([3])), [2635269230, 2130978531, 2408095496]);
});

test("uniforms are JAX's to the bit", () => {
  // jax.random.uniform(PRNGKey(3), (5,))
  const expected = [0.07405257225036621, 0.938144326210022, 0.6489570140838623, 0.9756209850311279, 0.2783777713775635];
  assert.deepEqual(values(Key.of(3).uniform([5])), expected);
});

test("normals are JAX's to 1e-6, in row-major order", () => {
  // jax.random.normal(PRNGKey(3), (6,)), jax.random.normal(fold_in(PRNGKey(3), 1), (2, 2))
  const flat = [-1.4462569952, 1.53938102722, 0.38250625133, 1.97070181369, -0.5876674054, 0.2094156295];
  assertClose(values(Key.of(3).normal([6])), flat, { relative: 1e-6, absolute: 1e-6 });
  const square = [-1.94322156906, 0.10481610149, -0.04758956655, 0.30599313974];
  assertClose(values(Key.of(3).fold(1).normal([2, 2])), square, { relative: 1e-6, absolute: 1e-6 });
});

test("integers lie below their count and are uniform", () => {
  const count = 5;
  const histogram = new Array<number>(count).fill(0);
  for (const value of values(Key.of(9).integers([5000], count))) histogram[value]!++;
  const chiSquare = histogram.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
  assert.ok(chiSquare < 18.5, `chi-square ${chiSquare} on 4 degrees of freedom has p < 0.001`);
});

test("a seed that is no 32-bit integer is refused", () => {
  assert.throws(() => Key.of(-1), /A seed is an integer from 0 to 2\^32 - 1, got -1/);
  assert.throws(() => Key.of(0.5), RangeError);
});
