/** Values, tangents, gradients and second derivatives against JAX in float64; jax-oracle.py made the numbers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import {
  constant,
  grad,
  hessianVectorProduct,
  iota,
  jvp,
  scalar,
  scan,
  type Shape,
  sizeOf,
  type Tensor,
  zeros,
} from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";
import { fromRoot } from "../support/paths.js";

interface Expected {
  readonly shapes: readonly Shape[];
  readonly value: readonly number[];
  readonly tangent: readonly number[];
  readonly gradient: readonly (readonly number[])[];
  readonly second: readonly (readonly number[])[];
}

const ORACLE = JSON.parse(readFileSync(fromRoot("tests/tensor/jax-oracle.json"), "utf8")) as Record<string, Expected>;
const TOLERANCE = { relative: 1e-11, absolute: 1e-12 };

const integers = (values: readonly number[], shape: Shape = [values.length]) => constant(values, shape, "i32");
const rows = integers([2, 0, 2, 1]);

const CASES: Record<string, (...inputs: Tensor[]) => Tensor> = {
  take: (x) => x.take(rows).square(),
  takeAlongAxis: (x) => x.takeAlongAxis(integers([1, 1, 0, 3, 2, 0], [3, 2])).square(),
  scatterAdd: (x, y) => x.scatterAdd(rows, y).square(),
  dynamicSlice: (x) => x.dynamicSlice([scalar(1, "i32"), scalar(3, "u32")], [2, 2]).square(),
  dynamicUpdate: (x, y) => x.dynamicUpdate([2, scalar(1, "i32")], y).square(),
  sort: (x) => x.sort(0).mul(iota([12], 0, "f32").reshape([3, 4])),
  slice: (x) => x.slice([1, 0], [7, 2], [2, 1]).pow(3),
  "convolve 1": (x, k) => x.convolve(k),
  "convolve 2 same": (x, k) => x.convolve(k, { padding: "same" }),
  "convolve 2 strides": (x, k) => x.convolve(k, { strides: [2, 1] }),
  "convolve 2 periodic": (x, k) => x.convolve(k, { padding: "periodic" }),
  recurrent: (w, xs) => {
    const { carry, outputs } = scan(
      (h, x) => {
        const next = h.matmul(w).add(x).tanh();
        return { carry: next, output: next.square() };
      },
      zeros([2, 3]),
      xs,
    );
    return carry.reshape([6]).concat([outputs.sum(0).reshape([6])]);
  },
  pendulum: (start, forces) => {
    const { carry, outputs } = scan(
      ({ q, p }, force) => {
        const next = p.sub(q.sin().mul(0.1)).add(force.mul(0.1));
        return { carry: { q: q.add(next.mul(0.1)), p: next }, output: q };
      },
      { q: start.at(0), p: start.at(1) },
      forces,
      { reverse: true },
    );
    return carry.q.reshape([1]).concat([carry.p.reshape([1]), outputs]);
  },
  logSumExp: (x) => x.logSumExp(1),
  softmax: (x) => x.softmax(0),
  prod: (x) => x.prod(1),
  erf: (x) => x.mul(3).erf(),
  atan2: (x, y) => x.atan2(y),
};

/** As in jax-oracle.py. */
function points(shape: Shape, start: number): Tensor {
  const values = Array.from({ length: sizeOf(shape) }, (_, i) => {
    const x = (start + i) * 0.6180339887498949;
    return 2 * (x - Math.floor(x)) - 1;
  });
  return constant(values, shape);
}

suite("JAX agrees", () => {
  test("on the same cases", () => assert.deepEqual(Object.keys(CASES), Object.keys(ORACLE)));
  for (const [name, of] of Object.entries(CASES)) {
    test(name, () => {
      const { shapes, value, tangent, gradient, second } = ORACLE[name]!;
      const inputs = shapes.map((shape, i) => points(shape, 10 * i + 1));
      const directions = shapes.map((shape, i) => points(shape, 100 + 10 * i));
      const f = (list: Tensor[]) => of(...list);
      const loss = (list: Tensor[]) =>
        f(list)
          .mul(points(f(list).shape, 7))
          .sum();
      const forward = jvp(f)(inputs, directions);
      const ours = [
        forward.value,
        forward.tangent,
        ...grad(loss)(inputs),
        ...hessianVectorProduct(loss)(inputs, directions),
      ];
      const theirs = [value, tangent, ...gradient, ...second];
      evaluate(ours).forEach((list, i) => assertClose(list, theirs[i]!, TOLERANCE, `number ${i}`));
    });
  }
});
