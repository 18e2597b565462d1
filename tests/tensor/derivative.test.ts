/** Derivatives of every operation against central differences of the float64 reference. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import type { OperationName } from "../../src/tensor/operation.js";
import { constant, grad, input, Key, scalar, ShapeError, type Tensor, valueAndGrad } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

/** A function of one tensor whose derivative exercises an operation, and the points to look at. */
interface Case {
  readonly of: (x: Tensor) => Tensor;
  readonly at: readonly number[];
  readonly shape: readonly number[];
}

const X = [0.3, -0.7, 1.1, 0.45, -1.3, 0.9];
const POSITIVE = [0.3, 0.7, 1.1, 0.45, 1.3, 2.9];
const matrix = (of: Case["of"], at = X): Case => ({ of, at, shape: [2, 3] });
const other = constant([
  [0.5, -0.2, 0.8],
  [1.5, 0.6, -0.4],
]);

/** One entry for each operation of the table that has a derivative; `none` where it has none by definition. */
const CASES: Record<OperationName, Case | readonly Case[] | "none"> = {
  input: matrix((x) => x),
  constant: "none",
  iota: "none",
  add: [matrix((x) => x.add(other)), matrix((x) => other.add(x).add(x))],
  sub: [matrix((x) => x.sub(other)), matrix((x) => other.sub(x))],
  mul: [matrix((x) => x.mul(other)), matrix((x) => x.mul(x))],
  div: [matrix((x) => x.div(other)), matrix((x) => other.div(x))],
  neg: matrix((x) => x.neg()),
  abs: matrix((x) => x.abs()),
  min: [matrix((x) => x.min(other)), matrix((x) => other.min(x))],
  max: [matrix((x) => x.max(other)), matrix((x) => other.max(x))],
  sqrt: matrix((x) => x.sqrt(), POSITIVE),
  floor: "none",
  exp: matrix((x) => x.exp()),
  log: matrix((x) => x.log(), POSITIVE),
  tanh: matrix((x) => x.tanh()),
  sin: matrix((x) => x.sin()),
  cos: matrix((x) => x.cos()),
  erf: matrix((x) => x.erf()),
  less: "none",
  lessOrEqual: "none",
  equal: "none",
  select: matrix((x) => x.less(0.4).select(x.square(), x.mul(3))),
  not: "none",
  and: "none",
  or: "none",
  xor: "none",
  shiftLeft: "none",
  shiftRight: "none",
  cast: "none",
  bitcast: "none",
  threefry: "none",
  identity: matrix((x) => grad((y: Tensor) => y.square().sum())(x)),
  stopGradient: "none",
  broadcast: { of: (x) => x.broadcast([2, 3]).mul(other), at: [0.4, -0.6, 1.2], shape: [3] },
  reshape: matrix((x) => x.reshape([3, 2]).mul(other.reshape([3, 2]))),
  transpose: [
    matrix((x) => x.transpose().mul(other.transpose())),
    { of: (x) => x.transpose([2, 0, 1]).square(), at: X, shape: [1, 2, 3] },
  ],
  slice: matrix((x) => x.slice([0, 1], [2, 3]).square()),
  pad: matrix((x) => x.pad([1, 0], [0, 2]).add(1).square()),
  concat: matrix((x) => x.concat([x.square(), other], 1).square()),
  sum: [
    matrix((x) => x.square().sum(0).square()),
    matrix((x) => x.square().sum(1).square()),
    matrix((x) => x.sum().square()),
  ],
  maximum: [matrix((x) => x.maximum(0).square()), matrix((x) => x.maximum().square())],
  matmul: [
    matrix((x) => x.matmul(other.transpose()).square()),
    matrix((x) => other.transpose().matmul(x).square()),
    { of: (x) => x.reshape([2, 2, 2]).matmul(x.reshape([2, 2, 2])), at: [...X, 0.2, -0.5], shape: [2, 4] },
  ],
};

suite("derivatives against central differences", () => {
  for (const [name, cases] of Object.entries(CASES)) {
    if (cases === "none") continue;
    const list: readonly Case[] = [cases].flat();
    for (const [i, one] of list.entries()) test(`${name} ${i}`, () => compare(one));
  }
});

function compare({ of, at, shape }: Case): void {
  const x = input("x", shape);
  const weights = Key.of(1).uniform(of(x).shape, 0.5, 1.5);
  const f = (y: Tensor) => of(y).mul(weights).sum();
  const value = (point: readonly number[]) => evaluate([f(x)], new Map([["x", point]]))[0]![0]!;
  const h = 1e-5;
  const differences = at.map((_, i) => {
    const [above, below] = [h, -h].map((step) => value(at.with(i, at[i]! + step)));
    return (above! - below!) / (2 * h);
  });
  const [gradient] = evaluate([grad(f)(x)], new Map([["x", at]]));
  assertClose(gradient!, differences, { relative: 1e-7, absolute: 1e-8 }, "derivative");
}

test("derivatives of any order: the third derivative of sin", () => {
  const third = grad((x: Tensor) => grad((y: Tensor) => grad((z: Tensor) => z.sin())(y))(x));
  const [value] = evaluate([third(scalar(0.7))]);
  assertClose(value!, [-Math.cos(0.7)], { relative: 1e-14 });
});

test("a captured tensor is a constant of the differentiation", () => {
  const x = scalar(3);
  const [gradient] = evaluate([grad((y: Tensor) => y.mul(x))(x)]);
  assert.equal(gradient![0], 3);
});

test("stopGradient hides a factor", () => {
  const [gradient] = evaluate([grad((x: Tensor) => x.mul(x.stopGradient()))(scalar(3))]);
  assert.equal(gradient![0], 3);
});

test("a tree of parameters gives a tree of gradients", () => {
  const f = (p: { w: Tensor; layers: Tensor[] }) => p.w.mul(p.layers[0]!).add(p.layers[1]!.square());
  const { value, gradient } = valueAndGrad(f)({ w: scalar(2), layers: [scalar(5), scalar(7)] });
  const results = evaluate([value, gradient.w, ...gradient.layers]).map((data) => data[0]);
  assert.deepEqual(results, [59, 5, 2, 14]);
});

test("only scalars have gradients", () => {
  assert.throws(
    () => grad((x: Tensor) => x)(constant([1, 2])),
    (error: unknown) => {
      assert.ok(error instanceof ShapeError);
      assert.match(error.message, /got f32\[2\]\. Reduce it first/);
      return true;
    },
  );
});
