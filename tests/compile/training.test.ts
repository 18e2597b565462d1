import assert from "node:assert/strict";
import { test } from "node:test";
import { Interpreter } from "../../src/compile/reference.js";
import type { WasmOptions } from "../../src/compile/wasm-program.js";
import { valueAndGrad } from "../../src/tensor/derivative.js";
import type { Program } from "../../src/tensor/program.js";
import { input, type Tensor } from "../../src/tensor/tensor.js";
import { assertClose } from "../support/close.js";
import { MODES } from "./case.js";
import { Compiled } from "./compiled.js";
import { generator } from "./generator.js";
import { adamTraining, type NetworkOptions, type Training } from "./networks.js";

const networks: readonly NetworkOptions[] = [
  { widths: [3, 64, 64, 2, 64, 64, 3], batch: 100, data: "sphere", activated: [true, true, false, true, true, false] },
  { widths: [3, 64, 2, 64, 3], batch: 128, data: "sphere" },
  { widths: [3, 5, 2, 7, 3], batch: 21, data: "sphere" },
  { widths: [2, 33, 1], batch: 1, data: "shared" },
  { widths: [8, 50, 50, 1], batch: 130, data: "shared" },
  { widths: [4, 4], batch: 100, data: "shared" },
];

function started({ program, start }: Training, options: WasmOptions = {}): Compiled {
  const compiled = new Compiled(program, options);
  for (const [name, values] of Object.entries(start)) compiled.write(name, values);
  return compiled;
}

/** After one step Adam's first moments are a tenth of the gradients; 130 roundings, one for each of a batch, are 10⁻⁵ of the largest. */
function assertSameGradients({ program }: Training, layers: number, compiled: Compiled, reference: Interpreter): void {
  const moments = program.updates.map(({ input: state }) => state).filter((state) => state.endsWith(".m"));
  assert.equal(moments.length, 2 * layers, "a moment for each layer's weights and biases");
  for (const moment of moments) {
    const expected = Array.from(reference.read(moment));
    const absolute = 1e-5 * Math.max(...expected.map(Math.abs));
    assertClose(compiled.read(moment), expected, { absolute }, moment);
  }
}

for (const network of networks) {
  for (const relaxed of [false, true]) {
    const name = `${network.widths.join("-")}, batch ${network.batch}${relaxed ? ", relaxed" : ""}`;
    test(`ten steps of Adam agree with the reference: ${name}`, () => {
      const training = adamTraining(network);
      const reference = new Interpreter(training.program, training.start);
      const compiled = started(training, { relaxed });
      for (let step = 0; step < 10; step++) {
        const [expected] = Array.from(reference.run().read("loss"));
        const [loss] = compiled.run().read("loss");
        assert.ok(Math.abs(loss! - expected!) < 2e-5 * (1 + expected!), `step ${step}: ${loss}, expected ${expected}`);
        if (step === 0) assertSameGradients(training, network.widths.length - 1, compiled, reference);
      }
      const weights = compiled.read("weight0");
      Array.from(reference.read("weight0")).forEach((expected, i) => {
        // Adam divides by the gradient's size: where that is near zero, rounding decides the direction of a step.
        assert.ok(Math.abs(weights[i]! - expected) < 2e-4, `weight ${i}: ${weights[i]}, expected ${expected}`);
      });
    });
  }
}

test("without fused multiply-add the bits are those of every run, call size and code shape", () => {
  const training = adamTraining(networks[0]!);
  const runs = [
    { calls: [10], revectorize: false },
    { calls: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], revectorize: false },
    { calls: [4, 6], revectorize: true },
  ];
  const results = runs.map(({ calls, revectorize }) => {
    const compiled = started(training, { revectorize });
    for (const steps of calls) compiled.run(steps);
    return [...compiled.read("weight3"), ...compiled.read("loss")];
  });
  assert.deepEqual(results[1], results[0]);
  assert.deepEqual(results[2], results[0]);
});

test("tiles of any height give the same bits", () => {
  const training = adamTraining({ widths: [5, 37, 37, 3], batch: 72, data: "shared" });
  const bitsOf = (options: WasmOptions) => {
    const compiled = started(training, options).run(3);
    return ["weight0", "weight1", "weight2", "bias1", "loss"].flatMap((name) => compiled.read(name));
  };
  const plain = bitsOf({});
  const fused = bitsOf({ relaxed: true });
  for (let tileRows = 1; tileRows <= 7; tileRows++) {
    for (const revectorize of [false, true]) assert.deepEqual(bitsOf({ revectorize, tileRows }), plain, `${tileRows}`);
    assert.deepEqual(bitsOf({ relaxed: true, tileRows }), fused, `${tileRows} rows with fused multiply-add`);
  }
});

for (const [name, options] of MODES) {
  test(`brief code gives the same bits${name}`, () => {
    // Points on a sphere are made of normal numbers: long bodies of loops.
    const training = adamTraining({ widths: [3, 13, 3], batch: 21, data: "sphere" });
    const [long, brief] = [false, true].map((isBrief) => started(training, { ...options, brief: isBrief }).run(3));
    assert.ok(brief!.program.module.length < long!.program.module.length, "brief code is not shorter");
    for (const { input: state } of training.program.updates)
      assert.deepEqual(brief!.read(state), long!.read(state), state);
  });
}

test("a network whose weights are not numbers has a loss that is none", () => {
  const training = adamTraining(networks[1]!);
  const compiled = started(training);
  compiled.write("weight1", [NaN, ...training.start["weight1"]!.slice(1)]);
  assert.ok(Number.isNaN(compiled.run().read("loss")[0]));
});

test("gradient descent on a residual ReLU network, updated in its matrix products, agrees with the reference", () => {
  const random = generator(11);
  const [x, w, v] = [input("x", [37, 12]), input("w", [12, 12]), input("v", [12, 5])];
  const loss = (weights: { w: Tensor; v: Tensor }) => {
    const hidden = x.matmul(weights.w).relu().add(x);
    const output = hidden.matmul(weights.v).mul(2).sub(1).relu();
    return output.square().mean();
  };
  const { value, gradient } = valueAndGrad(loss)({ w, v });
  const program: Program = {
    inputs: [
      { name: "x", tensor: x, scope: "shared" },
      { name: "w", tensor: w, scope: "member" },
      { name: "v", tensor: v, scope: "member" },
    ],
    updates: [
      { input: "w", value: w.sub(gradient.w.mul(0.1)) },
      { input: "v", value: v.sub(gradient.v.mul(0.1)) },
    ],
    outputs: [
      { name: "loss", value },
      { name: "gradient", value: gradient.w },
    ],
  };
  const start = { x: random.values("f32", 37 * 12), w: random.values("f32", 144), v: random.values("f32", 60) };
  const reference = new Interpreter(program, start).run(5);
  const compiled = new Compiled(program);
  for (const [name, values] of Object.entries(start)) compiled.write(name, values);
  compiled.run(5);
  for (const name of ["loss", "gradient", "w", "v"]) {
    const expected = reference.read(name);
    compiled.read(name).forEach((got, i) => {
      assert.ok(
        Math.abs(got - expected[i]!) < 1e-5 * (1 + Math.abs(expected[i]!)),
        `${name}[${i}]: ${got}, expected ${expected[i]}`,
      );
    });
  }
});

test("states that exchange their values take effect at the same time", () => {
  const [a, b] = [input("a", [7]), input("b", [7])];
  const program: Program = {
    inputs: [
      { name: "a", tensor: a, scope: "member" },
      { name: "b", tensor: b, scope: "member" },
    ],
    updates: [
      { input: "a", value: b },
      { input: "b", value: a.add(b.slice([0], [1])) },
    ],
    outputs: [{ name: "old", value: a }],
  };
  const start = { a: [1, 2, 3, 4, 5, 6, 7], b: [10, 20, 30, 40, 50, 60, 70] };
  const reference = new Interpreter(program, start).run(3);
  const compiled = new Compiled(program).write("a", start.a).write("b", start.b).run(3);
  for (const name of ["a", "b", "old"]) assert.deepEqual(compiled.read(name), Array.from(reference.read(name)));
});
