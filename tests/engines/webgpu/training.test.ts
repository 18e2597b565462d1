/** Whole trainings on the GPU: as on the CPU, and as in the reference. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CpuEngine, type Engine, ReferenceEngine, WebgpuEngine } from "../../../src/engines/index.js";
import { adam, autoencoder, grid, Key, seeds, train, whileLoop } from "../../../src/index.js";
import { input, scan, type Tensor } from "../../../src/tensor/index.js";
import { testGpu } from "../../support/software-gpu.js";

const cpu = new CpuEngine({ threads: 1, deterministic: true });
const gpu = new WebgpuEngine({ gpu: testGpu, threads: 64 });
after(() => Promise.all([cpu.dispose(), gpu.dispose()]));

/** Autoencoders of points on a sphere, drawn afresh in every step. */
async function trainOn(engine: Engine) {
  const net = autoencoder([3, 8, 2, 8, 3]);
  const run = train({
    members: grid({ learningRate: [0.003, 0.03], seed: seeds(2) }),
    init: ({ key }) => net.init(key),
    loss: (parameters, { key }) => {
      const normal = key.normal([16, 3]);
      const x = normal.div(normal.square().sum(1).sqrt().reshape([16, 1]));
      return net.reconstruct(parameters, x).sub(x).square().mean();
    },
    optimizer: ({ learningRate }) => adam({ learningRate }),
    steps: 12,
    points: 4,
    engine,
  });
  await run.finished;
  return run;
}

test("autoencoders train alike on GPU, CPU and in the reference", async () => {
  const [reference, ...others] = await Promise.all([new ReferenceEngine(), cpu, gpu].map(trainOn));
  const expected = reference!.curve("loss")!.values;
  for (const run of others) {
    const { values } = run.curve("loss")!;
    values.forEach((value, i) => assert.ok(Math.abs(value - expected[i]!) < 2e-5, `loss ${value}, not ${expected[i]}`));
    const [weights, exact] = [run, reference!].map((one) =>
      Object.values(one.parameters(3)).flatMap(({ data }) => [...data]),
    );
    weights!.forEach((value, i) => assert.ok(Math.abs(value - exact![i]!) < 1e-4, `weight ${value}, not ${exact![i]}`));
  }
  assert.match(others[1]!.engine.description, /SwiftShader|swiftshader/);
  const latent = await others[1]!.evaluate(({ encoder }) => encoder[0]!.weight.sum());
  assert.deepEqual(latent.shape, [4]);
});

/** A program without inputs but one, on both engines. */
async function outputsOf(engine: Engine, value: Tensor): Promise<number[]> {
  const n = input("n", [], "u32");
  const outputs = [{ name: "result", value }];
  const program = await engine.load(
    { inputs: [{ name: "n", tensor: n, scope: "member" }], updates: [], outputs },
    { members: 1 },
  );
  program.write("n", [27], 0);
  await program.run(1);
  return [...program.read("result", 0)];
}

test("random bits and uniform numbers are the same, normal ones to 1e-6", async () => {
  const key = Key.of(7);
  for (const value of [key.bits([300]), key.uniform([300])]) {
    assert.deepEqual(await outputsOf(gpu, value), await outputsOf(cpu, value));
  }
  const [ours, theirs] = [await outputsOf(gpu, key.normal([300])), await outputsOf(cpu, key.normal([300]))];
  ours.forEach((x, i) => assert.ok(Math.abs(x - theirs[i]!) <= 1e-6 * (1 + Math.abs(x)), `${x} and ${theirs[i]}`));
});

test("loops end when all is done, and carry what is read while it is written", async () => {
  const collatz = whileLoop(
    (x) => x.equal(1).not(),
    (x) => x.and(1).equal(0).select(x.shiftRight(1), x.mul(3).add(1)),
    input("n", [], "u32"),
    { most: 2 ** 31 - 1 },
  );
  assert.deepEqual(await outputsOf(gpu, collatz.count), [111]);
  const turned = scan((x) => ({ carry: x.roll(1, 0).add(1) }), Key.of(1).uniform([9]), undefined, { length: 5 }).carry;
  assert.deepEqual(await outputsOf(gpu, turned), await outputsOf(cpu, turned));
});

test("the same numbers wherever scratch values lie", async () => {
  const key = Key.of(3);
  const x = key.normal([24, 20]);
  const y = x.tanh().matmul(x.transpose()).add(1).log1p().sum(0);
  const inStorage = new WebgpuEngine({ gpu: testGpu, threads: 64, workgroupBytes: 2048 });
  assert.deepEqual(await outputsOf(inStorage, y), await outputsOf(gpu, y));
  await inStorage.dispose();
});

test("the same training wherever parameters and moments lie", async () => {
  const curveOn = async (engine: Engine) => [...(await trainOn(engine)).curve("loss")!.values];
  const partly = new WebgpuEngine({ gpu: testGpu, threads: 64, workgroupBytes: 3072 });
  assert.deepEqual(await curveOn(partly), await curveOn(gpu));
  await partly.dispose();
});
