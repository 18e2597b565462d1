import assert from "node:assert/strict";
import { test } from "node:test";
import { AxisClasses } from "../../src/compile/axis-classes.js";
import { buildGraph } from "../../src/compile/graph.js";
import { evaluate } from "../../src/compile/reference.js";
import { CORE } from "../../src/compile/target.js";
import { chooseVectorAxis } from "../../src/compile/vector-axis.js";
import { compileWasm } from "../../src/compile/wasm.js";
import { ShapeError } from "../../src/tensor/shape.js";
import { input, type Tensor } from "../../src/tensor/tensor.js";
import { Compiled } from "./compiled.js";

const x = input("x", [9, 5]);
const inputs = [{ name: "x", tensor: x, scope: "member" as const }];

const chains: readonly (readonly [name: string, next: (value: Tensor, i: number) => Tensor])[] = [
  ["cheap", (value) => value.mul(x).add(0.5)],
  ["mixed", (value, i) => (i % 3 === 0 ? value.tanh() : value.mul(x).add(0.5))],
];

for (const [name, next] of chains) {
  test(`a chain of 5000 ${name} operations compiles and agrees with the reference`, () => {
    let value: Tensor = x;
    for (let i = 0; i < 5000; i++) value = next(value, i);
    const start = Array.from({ length: x.size }, (_, i) => Math.fround(Math.sin(i) * 0.9));
    const compiled = new Compiled({ inputs, updates: [], outputs: [{ name: "y", value }] }).write("x", start).run();
    const [expected] = evaluate([value], new Map([["x", start]]));
    compiled.read("y").forEach((got, i) => {
      assert.ok(
        Math.abs(got - expected![i]!) < 1e-4 * (1 + Math.abs(expected![i]!)),
        `${got}, expected ${expected![i]}`,
      );
    });
  });
}

test("a program of very many operations has its axes ranked like any other", () => {
  const outputs = Array.from({ length: 150_000 }, (_, i) => ({ name: `y${i}`, value: x.mul(i + 2) }));
  const graph = buildGraph({ inputs, updates: [], outputs });
  assert.equal(new AxisClasses(graph, CORE).bestAxis(graph.nodes.at(-1)!), 0);
  assert.equal(chooseVectorAxis(graph).axis, "members");
});

test("a state whose next value has another shape is refused by name, with both shapes", () => {
  const program = { inputs, updates: [{ input: "x", value: x.sum(0) }], outputs: [] };
  assert.throws(
    () => compileWasm(program),
    (error: Error) => {
      return error instanceof ShapeError && /"x" is f32\[9, 5\], its next value f32\[5\]/.test(error.message);
    },
  );
});

test("an update of what is no input, and an input that is not declared, are refused by name", () => {
  assert.throws(() => compileWasm({ inputs, updates: [{ input: "y", value: x }], outputs: [] }), /updates "y"/);
  const undeclared = { inputs, updates: [], outputs: [{ name: "z", value: input("w", [3]) }] };
  assert.throws(() => compileWasm(undeclared), /input "w" that is not among its inputs: x/);
});

test("no step leaves everything as it was", () => {
  const program = { inputs, updates: [{ input: "x", value: x.mul(2) }], outputs: [{ name: "y", value: x.add(1) }] };
  const start = Array.from({ length: 45 }, (_, i) => i);
  const compiled = new Compiled(program).write("x", start);
  assert.deepEqual(compiled.run(0).read("x"), start);
  assert.deepEqual(
    compiled.run(3).read("x"),
    start.map((value) => 8 * value),
  );
});
