/** Many examples at once against one after the other; functions with gradients of their own; bounded repetition. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import {
  chunkedMap,
  constant,
  customGradient,
  grad,
  hessianVectorProduct,
  jvp,
  Key,
  scalar,
  scan,
  type Shape,
  type Tensor,
  vmap,
  whileLoop,
  zeros,
} from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

const values = (tensor: Tensor) => Array.from(evaluate([tensor])[0]!);
const numbers = (shape: Shape, seed: number) => Key.of(seed).uniform(shape, -1, 1);
const weights = numbers([3, 4], 50);

/** Functions of one tensor of shape [2, 3], whose operations need rules for batches. */
const EXAMPLES: Record<string, (x: Tensor) => Tensor> = {
  elementwise: (x) => x.sin().mul(x).add(2),
  "elementwise with what is alike": (x) => x.mul(weights.sum(1)),
  broadcast: (x) => x.sum(0).broadcast([4, 2, 3]),
  "reshape and transpose": (x) => x.reshape([3, 2, 1]).transpose([1, 2, 0]),
  slice: (x) => x.slice([0, 1], [2, 3]).slice([0, 0], [2, 2], [1, 2]),
  pad: (x) => x.pad([0, 1], [2, 0], [1, 0]),
  concat: (x) => x.concat([weights.slice([0, 0], [2, 3])], 0),
  sum: (x) => x.sum(1),
  maximum: (x) => x.maximum(0),
  matmul: (x) => x.matmul(weights).transpose().matmul(x),
  gather: (x) => x.take(constant([2, 0], [2], "i32"), 1).add(x.sort().slice([0, 1])),
  scatter: (x) => zeros([4, 3]).scatterAdd(x.argsort(0).at(0), weights.transpose().slice([0, 0], [3, 3]).mul(x.sum())),
  select: (x) => x.less(0).select(x, weights.at(0).slice([0], [3])),
  random: (x) => x.add(Key.of(3).normal([2, 3])),
  constant: () => constant([1, 2]),
  "a loop": (x) => {
    const { carry, outputs } = scan(
      ({ h, n }, row, i) => {
        const next = h.mul(0.5).add(row.mul(weights.at(0).at(1)));
        return { carry: { h: next, n: n.add(1) }, output: [next.mul(i.cast("f32")), n] };
      },
      { h: zeros([3]), n: scalar(0) },
      x,
    );
    return carry.h.add(outputs[0]!.sum(0)).add(outputs[1]!.sum()).add(carry.n);
  },
  gradient: (x) => grad((y: Tensor) => y.matmul(weights).tanh().square().sum())(x),
  tangent: (x) => jvp((y: Tensor) => y.matmul(weights).tanh())(x, x.square()).tangent,
  "custom gradient": (x) => grad((y: Tensor) => clipped(y).square().sum())(x),
};

const clipped = customGradient(
  (x: Tensor) => x.mul(3),
  (cotangent) => cotangent.min(0.5).max(-0.5),
);

suite("vmap is what each example gives", () => {
  for (const [name, f] of Object.entries(EXAMPLES)) {
    for (const axis of [0, 1, -1]) {
      test(`${name}, examples along ${axis}`, () => {
        const parts = Array.from({ length: 5 }, (_, i) => numbers([2, 3], i));
        const at = axis < 0 ? 2 : axis;
        const stacked = parts
          .map((part) => part.reshape([2, 3].toSpliced(at, 0, 1)))
          .reduce((all, part) => all.concat([part], at));
        const result = vmap(f, axis)(stacked);
        assert.deepEqual(result.shape, [5, ...f(parts[0]!).shape]);
        const expected = parts.flatMap((part) => values(f(part)));
        assertClose(values(result), expected, { relative: 1e-12, absolute: 1e-12 });
      });
    }
  }
});

test("gradients of a batched function, and vmap in vmap", () => {
  const x = numbers([4, 2, 3], 9);
  const f = (y: Tensor) => y.matmul(weights).tanh().sum();
  const total = grad((all: Tensor) => vmap(f)(all).sum())(x);
  assertClose(values(vmap(grad(f))(x)), values(total), { relative: 1e-12, absolute: 1e-14 });
  const outer = vmap((a: Tensor) => vmap((b: Tensor) => a.mul(b).sum())(x.at(0)))(x.at(1));
  assertClose(values(outer), values(x.at(1).matmul(x.at(0).transpose())), { relative: 1e-12, absolute: 1e-14 });
});

test("the Hessian by products with all unit vectors at once", () => {
  const f = (x: Tensor) => x.at(0).square().mul(x.at(1)).add(x.at(1).pow(3));
  const unit = constant([
    [1, 0],
    [0, 1],
  ]);
  const hessian = vmap((v: Tensor) => hessianVectorProduct(f)(constant([2, 3]), v))(unit);
  assert.deepEqual(values(hessian), [6, 4, 4, 18]);
});

test("trees of examples, and numbers of examples that differ", () => {
  const f = ({ a, b }: { a: Tensor; b: Tensor[] }, scale: Tensor) => ({ sum: a.add(b[0]!).mul(scale), scale });
  const { sum, scale } = vmap(f)({ a: constant([1, 2]), b: [constant([10, 20])] }, scalar(3));
  assert.deepEqual(
    [values(sum), values(scale)],
    [
      [33, 66],
      [3, 3],
    ],
  );
  assert.throws(() => vmap(f)({ a: zeros([2]), b: [zeros([3])] }, scalar(1)), {
    name: "ShapeError",
    message: 'vmap: along axis 0 there are 2 examples at "a", but 3 at "b[0]".',
  });
});

suite("custom gradients", () => {
  test("of a tree, in place of the program's own, to second order", () => {
    const f = customGradient(
      ({ x, y }: { x: Tensor; y: Tensor }) => x.mul(y),
      (cotangent, { x, y }, value) => ({ x: cotangent.mul(y).mul(10), y: cotangent.mul(value).mul(x) }),
    );
    const g = grad(f)({ x: scalar(2), y: scalar(3) });
    assert.deepEqual([g.x, g.y].map(values), [[30], [12]]);
    // ∂/∂x of 10 y at y = x², by the product's own rule: 10 · 2x.
    const second = grad((x: Tensor) => grad((z: Tensor) => f({ x: z, y: x.square() }))(x))(scalar(2));
    assert.deepEqual(values(second), [40]);
  });

  test("are refused in forward mode", () => {
    assert.throws(() => jvp(clipped)(scalar(1), scalar(1)), /derivative in reverse mode only: use grad/);
  });

  test("a cotangent too few is refused", () => {
    const f = customGradient(
      (list: Tensor[]) => list[0]!.add(list[1]!),
      (cotangent) => [cotangent],
    );
    assert.throws(() => grad(f)([scalar(1), scalar(2)]), /backward returns 1 cotangents for 2 tensors/);
  });
});

suite("repetition", () => {
  test("ends when the condition does, or after the most", () => {
    const below = (x: Tensor) => x.less(100);
    const run = (most: number) => whileLoop(below, (x: Tensor) => x.mul(2), scalar(1), { most });
    assert.deepEqual([run(20).carry, run(20).count, run(3).carry].map(values), [[128], [7], [8]]);
    assert.throws(
      () =>
        whileLoop(
          (x: Tensor) => x,
          (x) => x,
          scalar(1),
          { most: 3 },
        ),
      /the condition is a bool scalar, got f32\[\]/,
    );
  });

  test("rejection sampling: each example ends by itself", () => {
    const key = Key.of(5);
    const sample = (i: Tensor) =>
      whileLoop(
        ({ x }: { x: Tensor }) => x.abs().less(0.5),
        (_, n) => ({ x: key.fold(i).fold(n).uniform([], -1, 1) }),
        { x: scalar(0) },
        { most: 30 },
      ).carry.x;
    const samples = values(vmap(sample)(constant([0, 1, 2, 3, 4, 5, 6, 7], [8], "u32")));
    assert.ok(samples.every((x) => Math.abs(x) >= 0.5 && Math.abs(x) <= 1));
    assert.equal(new Set(samples).size, 8);
  });

  test("a map in chunks, with a rest", () => {
    const x = numbers([7, 3], 1);
    const f = (row: Tensor) => ({ sum: row.sum(), double: row.mul(2) });
    const expected = vmap(f)(x);
    for (const chunk of [1, 2, 3, 7, 10]) {
      const { sum, double } = chunkedMap(f, x, { chunk });
      assert.deepEqual([sum.shape, double.shape], [[7], [7, 3]]);
      assert.deepEqual([values(sum), values(double)], [values(expected.sum), values(expected.double)]);
    }
    assert.throws(() => chunkedMap(f, x, { chunk: 0 }), /positive number of examples, got 0/);
  });
});
