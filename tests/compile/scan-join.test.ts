/** Derivatives of a loop are computed in as few loops as the steps need: counted by `explain`, against the steps written out. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { buildGraph } from "../../src/compile/graph.js";
import type { Graph } from "../../src/compile/node.js";
import { evaluate } from "../../src/compile/reference.js";
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
import { assertClose } from "../support/close.js";
import { generator } from "./generator.js";

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

suite("matrix products in derivatives of a loop in a loop", () => {
  const [outer, inner] = [3, STEPS];
  const nested = (weights: Tensor): Tensor => {
    const { carry, outputs } = scan(
      (x: Tensor) => {
        const { carry: end, outputs: way } = scan(
          (y: Tensor) => ({ carry: step(y, weights), output: y.sum() }),
          x,
          undefined,
          { length: inner },
        );
        return { carry: end.mul(1.5), output: way.square().sum() };
      },
      h,
      undefined,
      { length: outer },
    );
    return carry.square().sum().add(outputs.sum());
  };
  const reverseOverForward = () => grad((x: Tensor) => jvp(nested)(x, v).tangent)(w);

  for (const [name, products, results] of [
    ["values and tangents", 3, () => jvp(nested)(w, v).tangent],
    ["the gradient", 3, () => grad(nested)(w)],
    ["forward over reverse", 3 + 1 + 4, () => hessianVectorProduct(nested)(w, v)],
    ["reverse over forward", 3 + 5, reverseOverForward],
  ] as const) {
    test(name, () => {
      assert.equal(productsIn(buildGraph(programOf(results()))), outer * inner * products);
    });
  }

  test("have the values of the same derivatives in another order", () => {
    const random = generator(7);
    const values = new Map(["w", "h", "v"].map((name) => [name, random.values("f32", WIDTH * WIDTH)]));
    const [found, expected] = evaluate([reverseOverForward(), hessianVectorProduct(nested)(w, v)], values);
    assertClose(found!, expected!, { relative: 1e-4, absolute: 1e-4 * Math.max(...Array.from(expected!, Math.abs)) });
  });
});

/** How often a matrix product is computed, in loops as often as their iterations. */
const productsIn = ({ nodes }: Graph): number =>
  nodes.reduce((sum, node) => {
    if (node.kind === "scan") return sum + node.length * productsIn(node.body);
    return sum + (node.kind === "contraction" ? 1 : 0);
  }, 0);
