/** Where a base is dead after a scatter, the scatter writes into it: seen in memory and in time, which a copy would square. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { planProgram } from "../../src/compile/plan.js";
import type { Node } from "../../src/compile/node.js";
import { constant, grad, input, iota, type Program, scan, type Tensor } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";
import { MODES } from "./case.js";
import { Compiled } from "./compiled.js";

const LENGTH = 40;
const x = input("x", [LENGTH]);
const i = input("i", [], "i32");

const programOf = (value: Tensor): Program => ({
  inputs: [
    { name: "x", tensor: x, scope: "member" },
    { name: "i", tensor: i, scope: "member" },
  ],
  updates: [],
  outputs: [{ name: "y", value }],
});

const part = constant([5, 6, 7]);
const at = constant([3, 3, 39, 0], [4], "i32");
const parts = constant([1, 2, 4, 8]);

const CASES: readonly (readonly [name: string, of: () => Tensor, inPlace: boolean])[] = [
  ["of a value that nothing else reads", () => x.sin().dynamicUpdate([i], part).mul(2), true],
  ["one after the other", () => x.sin().scatterAdd(at, parts).dynamicUpdate([i], part).mul(2), true],
  [
    "of a value that was read before",
    () => {
      const sine = x.sin();
      return sine.dynamicUpdate([i.add(sine.sum().mul(0).cast("i32"))], part).mul(2);
    },
    true,
  ],
  [
    "of a value that is read afterwards",
    () => {
      const sine = x.sin();
      const updated = sine.dynamicUpdate([i], part);
      return updated.dynamicUpdate([updated.sum().mul(0).cast("i32")], part).add(sine);
    },
    false,
  ],
  [
    "by a part of itself",
    () => {
      const sine = x.sin();
      return sine.dynamicUpdate([i], sine.slice([1], [5])).mul(2);
    },
    false,
  ],
  [
    "of what a loop leaves behind",
    () =>
      scan((c: Tensor) => ({ carry: c.sin() }), x, undefined, { length: 3 })
        .carry.scatterAdd(at, parts)
        .mul(2),
    true,
  ],
  ["of an input", () => x.scatterAdd(at, parts).mul(2), false],
];

for (const [mode, options] of MODES) {
  suite(`scatters${mode}`, () => {
    for (const [name, of, inPlace] of CASES) {
      test(`${name}: ${inPlace ? "in place" : "in a copy"}`, () => {
        const value = of();
        const values = Array.from({ length: LENGTH }, (_, k) => Math.fround(Math.cos(k)));
        const compiled = new Compiled(programOf(value), options).write("x", values).write("i", [7]);
        const [expected] = evaluate(
          [value],
          new Map([
            ["x", values],
            ["i", [7]],
          ]),
        );
        // Twice: the first step must leave nothing behind.
        for (const _ of [1, 2]) assertClose(compiled.run().read("y"), expected!, { relative: 1e-6, absolute: 1e-6 });
        const { fused, memory } = planProgram(programOf(value));
        const placeOf = (node: Node) => {
          const { region, offset } = memory.placements.get(node)!;
          return `${region} ${offset}`;
        };
        const first = fused.graph.nodes.find((node) => node.kind === "scatter")!;
        assert.equal(placeOf(first) === placeOf(first.base.node), inPlace);
      });
    }

    test("a state that is updated in parts lies still", () => {
      const program: Program = {
        ...programOf(x.sum()),
        updates: [
          { input: "x", value: x.dynamicUpdate([i], part) },
          { input: "i", value: i.add(3) },
        ],
      };
      const { schedule } = planProgram(program);
      assert.equal(schedule.inPlace.size, 2);
      const compiled = new Compiled(program, options).write("x", new Float32Array(LENGTH)).write("i", [1]).run(2);
      assert.deepEqual(compiled.read("x").slice(0, 8), [0, 5, 6, 7, 5, 6, 7, 0]);
      assert.deepEqual(compiled.read("y"), [18]);
    });
  });
}

/** Writes element after element: with copies, the bytes moved would grow as the square of the length. */
const written = (start: Tensor, length: number): Tensor =>
  scan(
    (list: Tensor, _: undefined, k) => ({ carry: list.dynamicUpdate([k], k.cast("f32").sin().reshape([1])) }),
    start,
    undefined,
    { length },
  ).carry;

test("a list that a loop writes element by element is not copied in each iteration", () => {
  const length = 20000;
  const list = input("x", [length]);
  const program = {
    ...programOf(written(list, length)),
    inputs: [{ name: "x", tensor: list, scope: "member" as const }],
  };
  const [body] = planProgram(program).bodies.values();
  assert.equal(body!.schedule.inPlace.size, body!.fused.graph.updates.length);
  const y = new Compiled(program).write("x", new Float32Array(length)).run().read("y");
  assertClose(y, evaluate([iota([length], 0, "f32").sin()])[0]!, { absolute: 1e-6 });
});

test("the derivative of taking elements adds into the sum of a loop in place", () => {
  const taken = (table: Tensor) =>
    scan((sum: Tensor, _: undefined, k) => ({ carry: sum.add(table.take(k).square()) }), constant(0), undefined, {
      length: LENGTH,
    }).carry;
  const gradient = grad(taken)(x);
  const { bodies } = planProgram(programOf(gradient));
  const backward = [...bodies.values()].find(({ fused }) => fused.graph.nodes.some(({ kind }) => kind === "scatter"))!;
  const sums = backward.fused.graph.updates.filter(({ node }) => node.kind === "scatter");
  assert.equal(sums.length, 1);
  assert.ok(backward.schedule.inPlace.has(sums[0]!.node));
  const values = Array.from({ length: LENGTH }, (_, k) => k - 7);
  const compiled = new Compiled(programOf(gradient)).write("x", values).run();
  assert.deepEqual(
    compiled.read("y"),
    values.map((value) => 2 * value),
  );
});
