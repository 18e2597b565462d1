/** Derivatives in general; those of each operation: tests/compile/operations.test.ts. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import {
  constant,
  grad,
  hessianVectorProduct,
  jvp,
  scalar,
  ShapeError,
  type Tensor,
  valueAndGrad,
} from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

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

suite("a parameter without a differentiable path is refused, and what is in the way named", () => {
  const refused: [what: string, f: (p: { w: Tensor[] }) => Tensor, message: RegExp][] = [
    ["floor", ({ w }) => w[0]!.square().floor(), /depends on "w\[0\]" only through floor, which has no derivative/],
    ["a comparison", ({ w }) => w[0]!.less(2).cast("f32"), /only through less/],
    ["a choice", ({ w }) => w[0]!.less(2).select(3, 4), /only through less/],
    ["an index", ({ w }) => constant([1, 2]).take(w[0]!.cast("i32")), /only through cast/],
  ];
  for (const [what, f, message] of refused) {
    test(what, () => assert.throws(() => grad(f)({ w: [scalar(1.5)] }), { name: "DerivativeError", message }));
  }

  test("but not where zero is what is meant", () => {
    const zero: ((x: Tensor) => Tensor)[] = [
      () => scalar(1),
      (x) => x.floor().stopGradient(),
      (x) => grad((y: Tensor) => y.relu())(x),
      (x) => grad((y: Tensor) => y.abs().add(y.max(3)).add(y.less(9).select(y, 2)))(x),
    ];
    for (const f of zero) assert.equal(evaluate([grad(f)(scalar(1.5))])[0]![0], 0);
  });
});

suite("forward mode", () => {
  test("a tree of primals gives a tree of tangents; what does not depend on them has none", () => {
    const f = (p: { x: Tensor; y: Tensor }, scale: Tensor) => ({ product: p.x.mul(p.y).mul(scale), rest: [scale] });
    const primals = { x: scalar(2), y: scalar(3) };
    const { value, tangent } = jvp(f)(primals, { x: scalar(10), y: scalar(100) }, scalar(5));
    const results = [value.product, value.rest[0]!, tangent.product, tangent.rest[0]!];
    assert.deepEqual(
      evaluate(results).map((data) => data[0]),
      [30, 5, 5 * (30 + 200), 0],
    );
  });

  test("nested differentiation keeps the directions apart", () => {
    // d/dx (x · d/dy (x + y)) = 1: a confusion of both would give 2.
    const inner = (x: Tensor) => jvp((y: Tensor) => x.add(y))(scalar(1), scalar(1)).tangent;
    const { tangent } = jvp((x: Tensor) => x.mul(inner(x)))(scalar(1), scalar(1));
    assert.equal(evaluate([tangent])[0]![0], 1);
  });

  test("forward over forward over reverse: the third derivative of sin", () => {
    const once = (f: (x: Tensor) => Tensor) => (x: Tensor) => jvp(f)(x, scalar(1)).tangent;
    const third = once(once(grad((x: Tensor) => x.sin())));
    assertClose(evaluate([third(scalar(0.7))])[0]!, [-Math.cos(0.7)], { relative: 1e-14 });
  });

  test("the Hessian of Rosenbrock's function", () => {
    const f = ({ x, y }: { x: Tensor; y: Tensor }) =>
      y.sub(x.square()).square().mul(100).add(scalar(1).sub(x).square());
    const product = hessianVectorProduct(f)({ x: scalar(-1.2), y: scalar(1) }, { x: scalar(1), y: scalar(2) });
    // [[1200 x² − 400 y + 2, −400 x], [−400 x, 200]]
    assertClose(
      evaluate([product.x, product.y]).map((data) => data[0]!),
      [1330 + 2 * 480, 480 + 400],
      { relative: 1e-14 },
    );
  });

  test("a tangent of another shape or type is refused, and its place named", () => {
    const f = ({ w }: { w: Tensor }) => w.sum();
    assert.throws(() => jvp(f)({ w: constant([1, 2]) }, { w: scalar(1) }), {
      name: "ShapeError",
      message: 'jvp: the primal at "w" has shape [2], its tangent []: they must be alike.',
    });
    assert.throws(() => jvp(f)({ w: scalar(1, "i32") }, { w: scalar(1) }), {
      name: "DTypeError",
      message: 'jvp takes f32 primals and tangents, got i32 and f32 at "w".',
    });
  });
});
