import assert from "node:assert/strict";
import { test } from "node:test";
import { Interpreter } from "../../src/compile/reference.js";
import { Compiled } from "./compiled.js";
import { adamTraining, type NetworkOptions, type Training } from "./networks.js";

const networks: readonly NetworkOptions[] = [
  { widths: [3, 64, 64, 2, 64, 64, 3], batch: 48, data: "sphere", activated: [true, true, false, true, true, false] },
  { widths: [3, 5, 2, 7, 3], batch: 21, data: "sphere" },
  { widths: [2, 33, 1], batch: 1, data: "shared" },
  { widths: [8, 20, 20, 1], batch: 64, data: "shared" },
  { widths: [4, 4], batch: 100, data: "shared" },
];

function start({ program, start }: Training, relaxed: boolean): Compiled {
  const compiled = new Compiled(program, { relaxed });
  for (const [name, values] of Object.entries(start)) compiled.write(name, values);
  return compiled;
}

for (const network of networks) {
  for (const relaxed of [false, true]) {
    const name = `${network.widths.join("-")}, batch ${network.batch}${relaxed ? ", relaxed" : ""}`;
    test(`ten steps of Adam agree with the reference: ${name}`, () => {
      const training = adamTraining(network);
      const reference = new Interpreter(training.program, training.start);
      const compiled = start(training, relaxed);
      for (let step = 0; step < 10; step++) {
        const [expected] = Array.from(reference.run().read("loss"));
        const [loss] = compiled.run().read("loss");
        assert.ok(Math.abs(loss! - expected!) < 2e-5 * (1 + expected!), `step ${step}: ${loss}, expected ${expected}`);
      }
      const weights = compiled.read("weight0");
      Array.from(reference.read("weight0")).forEach((expected, i) => {
        // Adam divides by the gradient's size: where that is near zero, rounding decides the direction of a step.
        assert.ok(Math.abs(weights[i]! - expected) < 2e-4, `weight ${i}: ${weights[i]}, expected ${expected}`);
      });
    });
  }
}

test("ten steps in one call and in ten calls give the same bits, in every run", () => {
  const training = adamTraining(networks[0]!);
  const results = [[10], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [4, 6]].map((calls) => {
    const compiled = start(training, false);
    for (const steps of calls) compiled.run(steps);
    return [...compiled.read("weight3"), ...compiled.read("loss")];
  });
  assert.deepEqual(results[1], results[0]);
  assert.deepEqual(results[2], results[0]);
});

test("a network whose weights are not numbers has a loss that is none", () => {
  const training = adamTraining(networks[1]!);
  const compiled = start(training, false);
  compiled.write("weight1", [NaN, ...training.start["weight1"]!.slice(1)]);
  assert.ok(Number.isNaN(compiled.run().read("loss")[0]));
});
