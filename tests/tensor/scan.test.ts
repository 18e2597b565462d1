/** The language's loop: what it computes by the reference, and how misuse is refused. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { constant, grad, hessianVectorProduct, jvp, scalar, scan, type Tensor, zeros } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

const values = (tensor: Tensor) => Array.from(evaluate([tensor])[0]!);

test("cumulative sums forwards and backwards", () => {
  const step = (sum: Tensor, x: Tensor) => ({ carry: sum.add(x), output: sum.add(x) });
  const forwards = scan(step, scalar(0), constant([1, 2, 3]));
  assert.equal(values(forwards.carry)[0], 6);
  assert.deepEqual(values(forwards.outputs), [1, 3, 6]);
  assert.deepEqual(values(scan(step, scalar(0), constant([1, 2, 3]), { reverse: true }).outputs), [6, 5, 3]);
});

test("a tree of carries, one of slices, and the index", () => {
  const { carry, outputs } = scan(
    ({ sum, count }, { x, y: [y] }, i) => ({
      carry: { count: count.add(1), sum: sum.add(x.mul(y)) },
      output: { i, count },
    }),
    { sum: scalar(0), count: scalar(10, "u32") },
    { x: constant([1, 2]), y: [constant([3, 4])] as const },
  );
  assert.deepEqual([carry.sum, carry.count, outputs.i, outputs.count].map(values), [[11], [12], [0, 1], [10, 11]]);
  assert.equal(outputs.count.dtype, "u32");
});

/** h ← tanh(w h + x), and the same with every step written out. */
function both(options: { checkpointEvery?: number; reverse?: boolean }) {
  const rows = [
    [1, 2],
    [0.5, -1],
    [0.3, 0.1],
    [1, 1],
    [-1, 0.4],
  ];
  const start = constant([0.1, 0.2]);
  const step = (h: Tensor, x: Tensor, w: Tensor) =>
    w
      .matmul(h.reshape([2, 1]))
      .reshape([2])
      .add(x)
      .tanh();
  const looped = (w: Tensor) => {
    const { carry, outputs } = scan(
      (h, x, i) => ({ carry: step(h, x, w), output: h.square().sum().mul(i.cast("f32")) }),
      start,
      constant(rows),
      options,
    );
    return carry.sum().add(outputs.sum());
  };
  const written = (w: Tensor) => {
    let [h, sum] = [start, scalar(0)];
    const order = options.reverse ? [4, 3, 2, 1, 0] : [0, 1, 2, 3, 4];
    for (const i of order) {
      sum = sum.add(h.square().sum().mul(i));
      h = step(h, constant(rows[i]!), w);
    }
    return h.sum().add(sum);
  };
  return { looped, written };
}

const w = constant([
  [0.5, -0.3],
  [0.2, 0.7],
]);
const v = constant([
  [1, 2],
  [-1, 0.5],
]);

suite("derivatives of a loop are those of the steps written out", () => {
  for (const options of [
    {},
    { reverse: true },
    ...[1, 2, 5, 7].flatMap((checkpointEvery) => [{ checkpointEvery }, { checkpointEvery, reverse: true }]),
  ]) {
    test(JSON.stringify(options), () => {
      const { looped, written } = both(options);
      const derivatives: ((f: (x: Tensor) => Tensor) => Tensor)[] = [
        (f) => f(w),
        (f) => grad(f)(w),
        (f) => jvp(f)(w, v).tangent,
        (f) => hessianVectorProduct(f)(w, v),
        (f) => grad((x: Tensor) => jvp(f)(x, v).tangent)(w),
        (f) => grad((x: Tensor) => grad(f)(x).mul(v).sum())(w),
        (f) => jvp((x: Tensor) => jvp(f)(x, v).tangent)(w, v).tangent,
        (f) => grad((x: Tensor) => hessianVectorProduct(f)(x, v).mul(v).sum())(w),
      ];
      derivatives.forEach((of, i) =>
        assertClose(values(of(looped)), values(of(written)), { relative: 1e-11, absolute: 1e-11 }, `derivative ${i}`),
      );
    });
  }
});

suite("misuse of scan", () => {
  const body = (h: Tensor, x: Tensor) => ({ carry: h.add(x) });
  const nothing = (h: Tensor) => ({ carry: h });
  const cases: [what: string, misuse: () => unknown, message: RegExp][] = [
    [
      "lengths that differ",
      () => scan(body, scalar(0), constant([1, 2]), { length: 3 }),
      /xs has 2 elements, but length is 3/,
    ],
    [
      "trees of different lengths",
      () => scan((h: Tensor) => ({ carry: h }), scalar(0), { a: zeros([2]), b: zeros([3]) }),
      /xs at "a" has 2 elements, but xs at "b" has 3/,
    ],
    ["no length", () => scan(nothing, scalar(0), undefined), /the number of iterations has to be given/],
    ["a length that is no number", () => scan(nothing, scalar(0), undefined, { length: 2.5 }), /got 2\.5/],
    ["no axis", () => scan(body, scalar(0), scalar(1)), /no axis to go along/],
    [
      "another shape",
      () => scan((h: Tensor) => ({ carry: h.sum() }), zeros([3]), undefined, { length: 2 }),
      /the carry is f32\[3\], the body returns f32\[\]/,
    ],
    [
      "another type",
      () =>
        scan(({ n }: { n: Tensor }) => ({ carry: { n: n.cast("f32") } }), { n: scalar(1, "i32") }, undefined, {
          length: 2,
        }),
      /the carry at "n" is i32\[\], the body returns f32\[\]/,
    ],
    ["a checkpoint", () => scan(body, scalar(0), constant([1, 2]), { checkpointEvery: 0 }), /checkpointEvery .* got 0/],
  ];
  for (const [what, misuse, message] of cases) test(what, () => assert.throws(misuse, message));
});
