/** Loops that end before their bound: bounds so large that no engine would come to their end. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { explain } from "../../src/engines/index.js";
import {
  constant,
  grad,
  input,
  iota,
  type Program,
  scalar,
  scan,
  type Tensor,
  vmap,
  whileLoop,
} from "../../src/tensor/index.js";
import { MODES } from "./case.js";
import { Compiled } from "./compiled.js";

const NEVER = 2 ** 31 - 1;

/** Collatz' numbers: how many steps lead from n to 1. */
function stopping(n: Tensor, most = NEVER): Tensor {
  const half = (x: Tensor) => x.shiftRight(1);
  return whileLoop(
    (x: Tensor) => x.equal(1).not(),
    (x) => x.and(1).equal(0).select(half(x), x.mul(3).add(1)),
    n,
    { most },
  ).count;
}

const KNOWN: readonly (readonly [n: number, steps: number])[] = [
  [1, 0],
  [7, 16],
  [27, 111],
  [871, 178],
];

const programOf = (n: Tensor, value: Tensor): Program => ({
  inputs: [{ name: "n", tensor: n, scope: "member" }],
  updates: [],
  outputs: [{ name: "steps", value }],
});

const n = input("n", [], "i32");

for (const [mode, options] of MODES) {
  suite(`a loop is left when its condition is false${mode}`, () => {
    test("after as many iterations as each input needs", () => {
      const compiled = new Compiled(programOf(n, stopping(n)), options);
      for (const [start, steps] of KNOWN) assert.deepEqual(compiled.write("n", [start]).run().read("steps"), [steps]);
    });

    test("when no example of many goes on", () => {
      const all = input("n", [4], "i32");
      const compiled = new Compiled(programOf(all, vmap((one: Tensor) => stopping(one))(all)), options);
      compiled.write(
        "n",
        KNOWN.map(([start]) => start),
      );
      assert.deepEqual(
        compiled.run().read("steps"),
        KNOWN.map(([, steps]) => steps),
      );
    });

    test("inside a loop that goes on", () => {
      const { outputs } = scan(
        (_: readonly Tensor[], i: Tensor) => ({ carry: _, output: stopping(i) }),
        [],
        iota([27]).add(1),
      );
      const compiled = new Compiled(programOf(n, outputs), options);
      const steps = compiled.write("n", [0]).run().read("steps");
      for (const [start, count] of KNOWN.slice(0, 3)) assert.equal(steps[start - 1], count);
    });
  });
}

test("the reference leaves a loop, too", () => {
  for (const [start, steps] of KNOWN) {
    assert.equal(evaluate([stopping(scalar(start, "i32"))])[0]![0], steps);
  }
});

test("the bound is a positive integer", () => {
  for (const most of [0, -1, 2.5, NaN])
    assert.throws(() => stopping(n, most), { name: "RangeError", message: /most is/ });
});

test("a gradient runs all iterations, and is that of those that changed anything", () => {
  // 3 · 2ᵏ, the first above 100: k = 6, and its derivative is 2⁶.
  const double = (x: Tensor) =>
    whileLoop(
      (y: Tensor) => y.less(100),
      (y) => y.mul(2),
      x,
      { most: 10 },
    ).carry;
  const x = input("n", []);
  const gradient = new Compiled(programOf(x, grad(double)(x)));
  assert.deepEqual(gradient.write("n", [3]).run().read("steps"), [64]);
  const both = constant([3, 30]);
  assert.deepEqual(Array.from(evaluate([vmap(grad(double))(both)])[0]!), [64, 4]);
});

test("explain says that the count of iterations is a bound", () => {
  const { kernels } = explain(programOf(n, stopping(n, 500)));
  assert.ok(kernels.some(({ repeated }) => repeated === "≤ × 500"));
});
