/** What vectors run along is the program's doing alone; whatever it is, bits do not depend on how many members go together. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseVectorAxis } from "../../src/compile/vector-axis.js";
import { buildGraph } from "../../src/compile/graph.js";
import { input, type Program, scan, type Shape, type Tensor } from "../../src/tensor/index.js";
import { Compiled } from "./compiled.js";
import { adamTraining } from "./networks.js";

const axisOf = (program: Program) => chooseVectorAxis(buildGraph(program)).axis;

const programOf = (shape: Shape, f: (x: Tensor) => Tensor): Program => {
  const x = input("x", shape);
  return { inputs: [{ name: "x", tensor: x, scope: "member" }], updates: [], outputs: [{ name: "y", value: f(x) }] };
};

const oscillator = (x: Tensor): Tensor =>
  scan((y: Tensor) => ({ carry: y.add(y.roll(1).sin().mul(0.01)) }), x, undefined, { length: 100 }).carry;

test("members: fields, chains and small systems of equations", () => {
  assert.equal(axisOf(programOf([16, 16], (x) => x.square().sum())), "members");
  assert.equal(axisOf(programOf([2], oscillator)), "members");
});

test("elements: batches that a matrix product uses again and again", () => {
  assert.equal(axisOf(adamTraining({ widths: [3, 64, 2, 64, 3], batch: 128, data: "sphere" }).program), "elements");
  assert.equal(axisOf(programOf([32, 32], (x) => x.matmul(x))), "elements");
});

test("members: networks so small that most of their work is elementwise, and products with one vector", () => {
  assert.equal(axisOf(adamTraining({ widths: [2, 8, 1], batch: 16, data: "sphere" }).program), "members");
  assert.equal(axisOf(programOf([20, 20], (x) => x.matmul(x.slice([0, 0], [20, 1])).tanh())), "members");
});

test("elements: tensors of which those of several members would not stay in the cache", () => {
  assert.equal(axisOf(programOf([100, 100], (x) => x.exp().sum())), "elements");
});

for (const relaxed of [false, true])
  test(`four and eight members at once have the same bits, joined vectors or not${relaxed ? ", relaxed" : ""}`, () => {
    const program = programOf([5, 7], (x) =>
      oscillator(x)
        .mul(x.roll(2, 0))
        .sum()
        .exp()
        .add(x.sum([1])),
    );
    const values = Array.from({ length: 35 }, (_, i) => Math.fround(Math.sin(i)));
    const [expected, ...others] = [4, 8].flatMap((lanes) =>
      [false, true].map((revectorize) => {
        const options = { vectorAxis: "members", lanes: lanes as 4 | 8, relaxed, revectorize } as const;
        return new Compiled(program, options).write("x", values).run().read("y", 1);
      }),
    );
    for (const other of others) assert.deepEqual(other, expected);
  });
