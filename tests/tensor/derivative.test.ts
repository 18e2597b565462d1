/** Derivatives of every operation against central differences of the float64 reference. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import type { OperationName } from "../../src/tensor/operation.js";
import {
  constant,
  grad,
  hessianVectorProduct,
  input,
  jvp,
  Key,
  scalar,
  scan,
  ShapeError,
  type Tensor,
  valueAndGrad,
} from "../../src/tensor/index.js";
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

const indices = (list: readonly number[], shape = [list.length]) => constant(list, shape, "i32");

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
  expm1: matrix((x) => x.expm1()),
  log1p: matrix((x) => x.square().log1p()),
  sigmoid: [matrix((x) => x.sigmoid()), { of: (x) => x.sigmoid(), at: [0, 30, -30], shape: [3] }],
  softplus: [matrix((x) => x.softplus()), { of: (x) => x.softplus(), at: [0, 30, -30], shape: [3] }],
  sinh: matrix((x) => x.sinh()),
  cosh: matrix((x) => x.cosh()),
  tanh: matrix((x) => x.tanh()),
  sin: matrix((x) => x.sin()),
  cos: matrix((x) => x.cos()),
  atan2: [matrix((x) => x.atan2(other)), matrix((x) => other.atan2(x)), matrix((x) => x.sin().atan2(x.cos()))],
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
  customGradient: "none", // vmap.test
  broadcast: { of: (x) => x.broadcast([2, 3]).mul(other), at: [0.4, -0.6, 1.2], shape: [3] },
  reshape: matrix((x) => x.reshape([3, 2]).mul(other.reshape([3, 2]))),
  transpose: [
    matrix((x) => x.transpose().mul(other.transpose())),
    { of: (x) => x.transpose([2, 0, 1]).square(), at: X, shape: [1, 2, 3] },
  ],
  slice: [
    matrix((x) => x.slice([0, 1], [2, 3]).square()),
    { of: (x) => x.slice([1], [6], [2]).square(), at: X, shape: [6] },
    { of: (x) => x.slice([0], [5], [3]).square(), at: X, shape: [6] },
  ],
  pad: [
    matrix((x) => x.pad([1, 0], [0, 2]).add(1).square()),
    matrix((x) => x.pad([1, 0], [0, 2], [2, 1]).add(1).square()),
  ],
  concat: matrix((x) => x.concat([x.square(), other], 1).square()),
  sum: [
    matrix((x) => x.square().sum(0).square()),
    matrix((x) => x.square().sum(1).square()),
    matrix((x) => x.sum().square()),
  ],
  maximum: [matrix((x) => x.maximum(0).square()), matrix((x) => x.maximum().square())],
  gather: [
    matrix((x) => x.take(indices([1, 0, 1, 1])).square()),
    matrix((x) => x.takeAlongAxis(indices([2, 2, 0, 1], [2, 2])).square()),
    matrix((x) => x.dynamicSlice([scalar(1, "i32"), 1], [1, 2]).square()),
    matrix((x) => x.sort().mul(other)),
    matrix((x) => x.flip(0).mul(x)),
  ],
  scatter: [
    matrix((x) => x.scatterAdd(indices([1, 0, 1]), x.square().concat([x.slice([1, 0])])).square()),
    matrix((x) => x.dynamicUpdate([0, scalar(1, "i32")], x.square().slice([0, 0], [1, 2])).square()),
  ],
  parameter: "none",
  scan: matrix((x) => scan((sum, row) => ({ carry: sum.mul(row).add(row) }), constant([1, 2, 3]), x).carry),
  final: matrix((x) => scan((sum, row) => ({ carry: sum.mul(row).sin() }), x.at(0), x, { reverse: true }).carry),
  stacked: matrix((x) => scan((sum, row) => ({ carry: sum.mul(row).sin(), output: sum.mul(sum) }), x.at(1), x).outputs),
  matmul: [
    matrix((x) => x.matmul(other.transpose()).square()),
    matrix((x) => other.transpose().matmul(x).square()),
    { of: (x) => x.reshape([2, 2, 2]).matmul(x.reshape([2, 2, 2])), at: [...X, 0.2, -0.5], shape: [2, 4] },
  ],
};

/** Methods put together from operations, where that might lose a derivative. */
const COMPOSITIONS: Record<string, Case | readonly Case[]> = {
  logSumExp: [matrix((x) => x.logSumExp(0)), matrix((x) => x.mul(30).logSumExp().div(30))],
  softmax: [matrix((x) => x.softmax()), matrix((x) => x.softmax(0))],
  logSoftmax: matrix((x) => x.logSoftmax()),
  prod: [matrix((x) => x.prod()), matrix((x) => x.prod(1), X.with(1, 0).with(2, 0))],
  cumulativeSum: [matrix((x) => x.cumulativeSum().square()), matrix((x) => x.square().cumulativeSum(0))],
  roll: matrix((x) => x.roll(1).mul(x)),
  convolve: [
    { of: (x) => x.convolve(x.slice([0, 0, 0], [1, 2, 1]).reshape([2, 1, 1])), at: X, shape: [1, 6, 1] },
    {
      of: (x) => x.convolve(other.reshape([3, 2, 1]), { padding: "periodic", strides: 2 }).square(),
      at: X,
      shape: [1, 3, 2],
    },
    {
      of: (x) => other.reshape([1, 2, 3, 1]).convolve(x, { padding: "same" }).square(),
      at: X,
      shape: [2, 3, 1, 1],
    },
  ],
  pow: [matrix((x) => x.pow(3)), matrix((x) => x.pow(-2.5), POSITIVE), matrix((x) => x.pow(x), POSITIVE)],
};

suite("derivatives against central differences", () => {
  for (const [name, cases] of Object.entries({ ...CASES, ...COMPOSITIONS })) {
    if (cases === "none") continue;
    const list: readonly Case[] = [cases].flat();
    for (const [i, one] of list.entries()) test(`${name} ${i}`, () => compare(one));
  }
});

/** First derivatives in both modes and second ones in both mixed orders, each against differences one order below. */
function compare({ of, at, shape }: Case): void {
  const x = input("x", shape);
  const weights = Key.of(1).uniform(of(x).shape, 0.5, 1.5);
  const f = (y: Tensor) => of(y).mul(weights).sum();
  const direction = Key.of(2).uniform(shape, -1, 1);
  const [along] = evaluate([direction]);
  const run = (tensor: Tensor, point: readonly number[]) => Array.from(evaluate([tensor], new Map([["x", point]]))[0]!);
  /** Of a tensor's values, when x moves along a direction. */
  const differences = (tensor: Tensor, step: ArrayLike<number>, h = 1e-5) => {
    const [above, below] = [h, -h].map((s) =>
      run(
        tensor,
        at.map((value, i) => value + s * step[i]!),
      ),
    );
    return above!.map((value, i) => (value - below![i]!) / (2 * h));
  };
  const tolerance = { relative: 1e-7, absolute: 1e-8 };
  const partials = at.flatMap((_, i) =>
    differences(
      f(x),
      at.map((_, k) => Number(k === i)),
    ),
  );
  const gradient = grad(f)(x);
  assertClose(run(gradient, at), partials, tolerance, "derivative");
  const { value, tangent } = jvp(of)(x, direction);
  assertClose(run(value, at), run(of(x), at), {}, "value");
  assertClose(run(tangent, at), differences(of(x), along!), tolerance, "tangent");
  const second = differences(gradient, along!);
  assertClose(run(hessianVectorProduct(f)(x, direction), at), second, tolerance, "forward over reverse");
  const reverseOverForward = grad((y: Tensor) => jvp(f)(y, direction).tangent)(x);
  assertClose(run(reverseOverForward, at), second, tolerance, "reverse over forward");
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
