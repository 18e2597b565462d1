/** Derivatives of a loop are computed in as few loops as the steps need: counted by `explain`, against the steps written out. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { buildGraph } from "../../src/compile/graph.js";
import { explain } from "../../src/engines/index.js";
import {
  grad,
  hessianVectorProduct,
  input,
  jvp,
  type Program,
  scan,
  type Tensor,
  valueAndGrad,
} from "../../src/tensor/index.js";

const WIDTH = 8;
const STEPS = 5;

const step = (h: Tensor, w: Tensor): Tensor => h.matmul(w).tanh();
const looped = (w: Tensor, h: Tensor): Tensor =>
  scan((x: Tensor) => ({ carry: step(x, w) }), h, undefined, { length: STEPS }).carry;

const [w, h, v] = ["w", "h", "v"].map((name) => input(name, [WIDTH, WIDTH])) as [Tensor, Tensor, Tensor];

function programOf(...results: readonly Tensor[]): Program {
  return {
    inputs: [w, h, v].map((tensor, i) => ({ name: "whv"[i]!, tensor, scope: "member" })),
    updates: [],
    outputs: results.map((value, i) => ({ name: `result ${i}`, value })),
  };
}

const productsOf = (...results: readonly Tensor[]): number =>
  explain(programOf(...results)).kernels.reduce(
    (sum, { operations, repeated }) =>
      sum + (operations.startsWith("matmul") ? Number(/× (\d+)/.exec(repeated)?.[1] ?? 1) : 0),
    0,
  );

const loopsOf = (...results: readonly Tensor[]): number =>
  buildGraph(programOf(...results)).nodes.filter(({ kind }) => kind === "scan").length;

suite("matrix products in derivatives of a loop of five steps", () => {
  const loss = (weights: Tensor) => looped(weights, h).square().sum();
  const cases: [name: string, products: number, loops: number, results: () => Tensor[]][] = [
    ["the values", 1, 1, () => [looped(w, h)]],
    // h·w, and ḣ·w + h·ẇ.
    [
      "values and tangents",
      3,
      1,
      () => {
        const { value, tangent } = jvp((x: Tensor) => looped(x, h))(w, v);
        return [value, tangent];
      },
    ],
    // Back: h̄·wᵀ and hᵀ·h̄.
    ["the gradient", 3, 2, () => [grad(loss)(w)]],
    // ḡ·ẇᵀ, ġ·wᵀ, ḣᵀ·g and hᵀ·ġ, from h, ḣ and g.
    ["Hessian times vector, forward over reverse", 3 + 1 + 4, 2, () => [hessianVectorProduct(loss)(w, v)]],
    [
      "value, gradient and Hessian times vector",
      3 + 2 + 4,
      2,
      () => {
        const { value, tangent } = jvp(valueAndGrad(loss))(w, v);
        return [value.value, value.gradient, tangent.gradient];
      },
    ],
    ["Hessian times vector, reverse over forward", 3 + 5, 2, () => [grad((x: Tensor) => jvp(loss)(x, v).tangent)(w)]],
  ];
  for (const [name, products, loops, results] of cases) {
    test(name, () => {
      const computed = results();
      assert.equal(productsOf(...computed), STEPS * products);
      assert.equal(loopsOf(...computed), loops);
    });
  }
});
