/** Sums of the rows that a matrix product reads are added up by the product: a bias's gradient beside that of the weights. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { planProgram } from "../../src/compile/plan.js";
import { evaluate } from "../../src/compile/reference.js";
import { grad, input, type Program, type Tensor } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";
import { MODES } from "./case.js";
import { Compiled } from "./compiled.js";
import { generator } from "./generator.js";

/** Gradients of a hidden layer's weights and biases, for a loss that every element of the batch has its part in. */
function layer(batch: number, inputs: number, width: number) {
  const shapes = { x: [batch, inputs], w: [inputs, width], b: [width], v: [width, 2] };
  const [x, w, b, v] = Object.entries(shapes).map(([name, shape]) => input(name, shape)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  const loss = ({ w, b }: { w: Tensor; b: Tensor }) => x.matmul(w).add(b).tanh().matmul(v).square().mean();
  const gradients = grad(loss)({ w, b });
  return programOf({ x, w, b, v }, { w: gradients.w, b: gradients.b });
}

function programOf(tensors: Record<string, Tensor>, outputs: Record<string, Tensor>) {
  const random = generator(3);
  const values = new Map(
    Object.entries(tensors).map(([name, { shape }]) => [
      name,
      random.values(
        "f32",
        shape.reduce((a, b) => a * b, 1),
      ),
    ]),
  );
  const program: Program = {
    inputs: Object.entries(tensors).map(([name, tensor]) => ({ name, tensor, scope: "member" as const })),
    updates: [],
    outputs: Object.entries(outputs).map(([name, value]) => ({ name: `d${name}`, value })),
  };
  return { program, values };
}

const sumsOf = (program: Program) =>
  planProgram(program, { vectorAxis: "elements" }).fused.kernels.filter(
    (kernel) => kernel.kind === "contraction" && kernel.rowSums,
  ).length;

function check({ program, values }: ReturnType<typeof layer>, options: object): void {
  const compiled = new Compiled(program, options);
  for (const [name, list] of values) compiled.write(name, list);
  // Twice: the first step must leave nothing behind.
  compiled.run().run();
  const expected = evaluate(
    program.outputs.map(({ value }) => value),
    values,
  );
  program.outputs.forEach(({ name }, i) =>
    assertClose(compiled.read(name), expected[i]!, { relative: 1e-4, absolute: 5e-6 }, name),
  );
}

/** Batch, inputs, width. */
const LAYERS = [
  [32, 1, 5],
  [13, 2, 7],
  [9, 3, 3],
  [40, 3, 9],
  [130, 4, 9],
] as const;

for (const [mode, options] of MODES) {
  suite(`sums of rows${mode}`, () => {
    for (const [batch, inputs, width] of LAYERS)
      test(`of a batch of ${batch}, ${inputs} → ${width}`, () => check(layer(batch, inputs, width), options));
  });
}

test("the gradient of biases is added up by the product that gives the gradient of weights", () => {
  for (const [batch, inputs, width] of LAYERS)
    assert.equal(sumsOf(layer(batch, inputs, width).program), 1, `batch of ${batch}`);
});

test("rows of the shorter operand are added up by themselves", () => {
  const layered = layer(64, 16, 3);
  assert.equal(sumsOf(layered.program), 0);
  for (const [, options] of MODES) check(layered, options);
});

test("a product that reads the sum waits for it", () => {
  const [x, w, v] = [input("x", [13, 2]), input("w", [2, 7]), input("v", [7, 2])];
  const hidden = x.matmul(w).tanh();
  const delta = hidden.matmul(v).matmul(v.transpose()).mul(hidden);
  const sum = delta.sum(0);
  const apart = programOf({ x, w, v }, { sum, product: x.transpose().matmul(delta) });
  const reading = programOf({ x, w, v }, { sum, product: x.mul(sum.sum()).transpose().matmul(delta) });
  assert.deepEqual([sumsOf(apart.program), sumsOf(reading.program)], [1, 0]);
  for (const [, options] of MODES) check(reading, options);
});
