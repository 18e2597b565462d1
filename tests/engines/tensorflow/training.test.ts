/** Whole trainings on TensorFlow.js, as the reference has them; what is freed; and what is said where it is not installed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Engine,
  MemoryError,
  NoTensorflowError,
  ReferenceEngine,
  TensorflowEngine,
} from "../../../src/engines/index.js";
import { findTensorflow, loadTensorflow } from "../../../src/engines/tensorflow/load-tensorflow.js";
import { adam, autoencoder, grid, Key, seeds, train, whileLoop } from "../../../src/index.js";
import { input, type Program, scan } from "../../../src/tensor/index.js";

const engine = new TensorflowEngine();

async function trainOn(chosen: Engine) {
  const net = autoencoder([3, 8, 2, 8, 3]);
  const run = train({
    members: grid({ learningRate: [0.003, 0.03], seed: seeds(2) }),
    init: ({ key }) => net.init(key),
    loss: (parameters, { key }) => {
      const x = key.normal([16, 3]);
      return net.reconstruct(parameters, x).sub(x).square().mean();
    },
    optimizer: ({ learningRate }) => adam({ learningRate }),
    steps: 12,
    points: 4,
    engine: chosen,
  });
  await run.finished;
  return run;
}

test("autoencoders train as in the reference", async () => {
  const [expected, run] = await Promise.all([new ReferenceEngine(), engine].map(trainOn));
  const { values } = expected!.curve("loss")!;
  run!.curve("loss")!.values.forEach((value, i) => {
    assert.ok(Math.abs(value - values[i]!) < 2e-5, `loss ${value}, not ${values[i]}`);
  });
  assert.equal(run!.engine.name, "tensorflow");
  assert.match(run!.engine.description, /TensorFlow.js/);
});

const x = input("x", [20]);
const rate = input("rate", []);
/** x ← x + rate, the sum of all elements, and random numbers that differ from step to step. */
const walk: Program = {
  inputs: [
    { name: "x", tensor: x, scope: "member" },
    { name: "rate", tensor: rate, scope: "member" },
  ],
  updates: [{ input: "x", value: x.add(rate) }],
  outputs: [
    { name: "total", value: x.sum() },
    { name: "random", value: scan((sum, i) => ({ carry: sum.add(i) }), x, Key.of(1).normal([4, 20])).carry },
  ],
};

test("members advance apart, and are written and read between runs", async () => {
  const program = await engine.load(walk, { members: 3 });
  for (const member of [0, 1, 2]) program.write("rate", [member + 1], member);
  await Promise.all([program.run(2), program.run(3, [2, 0])]);
  program.write("x", new Float32Array(20).fill(100), 1);
  await program.run(1, [1]);
  const first = [0, 1, 2].map((member) => program.read("x", member)[0]);
  assert.deepEqual(first, [5, 102, 15]);
  assert.deepEqual(
    [0, 1, 2].map((member) => program.read("total", member)[0]),
    [80, 2000, 240],
  );
  assert.throws(() => program.write("total", [1], 0), /no input "total"/);
  assert.throws(() => program.run(1, [3]), /Member 3 does not exist/);
  program.dispose();
});

test("more members than there is memory for", async () => {
  await assert.rejects(
    engine.load(walk, { members: 2 ** 31 - 1 }),
    (error) =>
      error instanceof MemoryError && /no \d+\.\d MiB for the values of 2147483647 members/.test(error.message),
  );
});

test("what a run makes is freed", async () => {
  const tf = (await loadTensorflow()) as unknown as { memory(): { numTensors: number } };
  const program = await engine.load(walk, { members: 3 });
  await program.run(1);
  const { numTensors } = tf.memory();
  await program.run(5);
  await program.run(2, [1]);
  await program.run(1);
  assert.equal(tf.memory().numTensors, numTensors);
  program.dispose();
});

test("loops end when all members are done", async () => {
  const collatz = whileLoop(
    (n) => n.equal(1).not(),
    (n) => n.and(1).equal(0).select(n.shiftRight(1), n.mul(3).add(1)),
    input("n", [], "u32"),
    { most: 2 ** 31 - 1 },
  );
  const n = input("n", [], "u32");
  const outputs = [{ name: "count", value: collatz.count }];
  const program = await engine.load(
    { inputs: [{ name: "n", tensor: n, scope: "member" }], updates: [], outputs },
    { members: 2 },
  );
  program.write("n", [27], 0);
  program.write("n", [6], 1);
  await program.run(1);
  assert.deepEqual(
    [0, 1].map((member) => program.read("count", member)[0]),
    [111, 8],
  );
});

test("where it is not installed, the message tells how to get it", async () => {
  assert.equal(findTensorflow(["/nowhere/package.json"]), undefined);
  await assert.rejects(
    loadTensorflow(null),
    (error) => error instanceof NoTensorflowError && error.message.includes("npx phasebook install-tensorflow"),
  );
});
