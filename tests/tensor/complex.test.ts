/** Complex numbers as pairs: identities, and Python's cmath. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { type Complex, complex, constant, grad, scalar, scan, type Tensor, vmap } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

const number = (re: number, im: number): Complex => complex.of(scalar(re), scalar(im));
const values = (...tensors: Tensor[]): number[] => evaluate(tensors).flatMap((data) => Array.from(data));
const parts = ({ re, im }: Complex): number[] => values(re, im);

const [a, b] = [number(1.5, -0.7), number(-0.3, 2.1)];

test("arithmetic is Python's", () => {
  const cases: [what: string, got: Complex, expected: number[]][] = [
    ["sum", complex.add(a, b), [1.2, 1.4]],
    ["difference", complex.sub(a, b), [1.8, -2.8]],
    ["product", complex.mul(a, b), [1.02, 3.36]],
    // (1.5-0.7j) / (-0.3+2.1j)
    ["quotient", complex.div(a, b), [-0.42666666666666664, -0.6533333333333333]],
    // cmath.exp(1.5-0.7j), cmath.log(-0.3+2.1j)
    ["exponential", complex.exp(a), [3.427784871286351, -2.8871833678116254]],
    ["logarithm", complex.log(b), [0.7520386983881372, 1.7126933813990606]],
    ["conjugate", complex.conjugate(a), [1.5, 0.7]],
    ["negative", complex.neg(a), [-1.5, 0.7]],
  ];
  for (const [what, got, expected] of cases) assertClose(parts(got), expected, { relative: 1e-14 }, what);
  assertClose(values(complex.abs(b), complex.angle(b)), [Math.hypot(0.3, 2.1), Math.atan2(2.1, -0.3)], {
    relative: 1e-15,
  });
});

test("a quotient of numbers whose squares no float holds", () => {
  const huge = number(3e200, 4e200);
  assertClose(parts(complex.div(huge, huge)), [1, 0], { absolute: 1e-15 });
});

test("sums and matrix products, with broadcasting", () => {
  const row = complex.of(constant([1, 2, 3]), constant([0, 1, -1]));
  assert.deepEqual(parts(complex.sum(row)), [6, 0]);
  assert.deepEqual(parts(complex.mul(row, number(0, 1))), [0, -1, 1, 1, 2, 3]);
  const rotation = complex.of(
    constant([
      [0, 0],
      [0, 0],
    ]),
    constant([
      [0, 1],
      [1, 0],
    ]),
  );
  assert.deepEqual(parts(complex.matmul(rotation, rotation)), [-1, 0, 0, -1, 0, 0, 0, 0]);
});

test("pairs are trees: they go through loops, derivatives and examples", () => {
  // z ← z² + c from 0: 0, c, c² + c.
  const orbit = (c: Complex) =>
    scan((z: Complex) => ({ carry: complex.add(complex.mul(z, z), c) }), number(0, 0), undefined, { length: 2 }).carry;
  assertClose(parts(orbit(number(0, 1))), [-1, 1], { absolute: 1e-15 });
  // ∂|z|²/∂(re, im) = 2 (re, im).
  assertClose(parts(grad(complex.absSquare)(a)), [3, -1.4], { relative: 1e-15 });
  const many = complex.of(constant([0, 1]), constant([1, 0]));
  assertClose(parts(vmap(orbit)(many)), [-1, 2, 1, 0], { absolute: 1e-15 });
});
