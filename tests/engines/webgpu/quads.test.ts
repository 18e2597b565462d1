/** Values of a batch that lie in quads: networks of random layers as in the reference. In blocks: blocks.test.ts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Interpreter } from "../../../src/compile/reference.js";
import { WebgpuEngine } from "../../../src/engines/index.js";
import type { WebgpuProgram } from "../../../src/engines/webgpu/webgpu-program.js";
import { input, type Program } from "../../../src/tensor/index.js";
import { generator } from "../../compile/generator.js";
import { adamTraining } from "../../compile/networks.js";
import { largestValue, randomNetwork } from "../../compile/random-network.js";
import { testGpu } from "../../support/software-gpu.js";

const BATCH = 32;
const TOLERANCE = 1e-4;

/** Seeds whose networks have values in quads, of the same shader others in words near the threads, or in storage. */
const CASES: readonly { readonly seed: number; readonly workgroupBytes?: number; readonly hasWords: RegExp }[] = [
  { seed: 21, hasWords: /near\[/ },
  { seed: 8, workgroupBytes: 6144, hasWords: /arena\[/ },
];

/** Runs a step on the GPU and in the reference, and compares all that there is; returns the shader. */
async function check(program: Program, start: Readonly<Record<string, ArrayLike<number>>>, engine: WebgpuEngine) {
  const loaded = (await engine.load(program, { members: 1 })) as WebgpuProgram;
  for (const [name, values] of Object.entries(start)) loaded.write(name, values, 0);
  await loaded.run(1);
  await loaded.fetch();
  const reference = new Interpreter(program, start).run(1);
  for (const name of [...program.outputs.map((output) => output.name), ...program.updates.map((one) => one.input)]) {
    const expected = reference.read(name);
    loaded.read(name, 0).forEach((value, i) => {
      const error = Math.abs(value - expected[i]!) / (1 + Math.abs(expected[i]!));
      assert.ok(error < TOLERANCE, `${name}[${i}]: ${value}, expected ${expected[i]}`);
    });
  }
  return loaded.program.code;
}

const STORES = /quads\[[^\]]*\] = vec4f/;

for (const { seed, workgroupBytes, hasWords } of CASES) {
  test(`random network ${seed}, in ${workgroupBytes ?? "all"} bytes of workgroup memory`, async (context) => {
    const engine = new WebgpuEngine({ gpu: testGpu, threads: 64, block: 0, ...(workgroupBytes && { workgroupBytes }) });
    context.after(() => engine.dispose());
    const { program, start } = randomNetwork(seed, BATCH);
    assert.ok(largestValue(program, start) < 1000, "its values would cancel");
    const code = await check(program, start, engine);
    assert.match(code, STORES);
    assert.match(code, /= quads\[[^\]]*\];/, "loads quads");
    assert.match(code, hasWords);
  });
}

test("samples that begin within a quad are loaded one by one", async (context) => {
  const engine = new WebgpuEngine({ gpu: testGpu, threads: 64, block: 0 });
  context.after(() => engine.dispose());
  const [x, w, count] = [input("x", [36, 8]), input("w", [8, 8]), input("count", [])];
  const all = x.matmul(w).tanh();
  const some = all.slice([2, 0], [34, 8]).mul(2).tanh();
  const program: Program = {
    inputs: Object.entries({ x, w, count }).map(([name, tensor]) => ({ name, tensor, scope: "member" })),
    updates: [{ input: "count", value: count.add(1) }],
    outputs: [all, some].map((value, i) => ({ name: `y${i}`, value: value.matmul(w) })),
  };
  const random = generator(3);
  const start = { x: random.values("f32", x.size), w: random.values("f32", w.size), count: [0] };
  const code = await check(program, start, engine);
  assert.equal([...code.matchAll(/kernel\d+\(\) {(?:(?!\n}).)*quads\[[^\]]*\] = vec4f/gs)].length, 2);
});

test("a sum over 36 samples, nine quads that two threads share, is complete", async (context) => {
  const engine = new WebgpuEngine({ gpu: testGpu, threads: 64, block: 0, subgroupSize: 1 });
  context.after(() => engine.dispose());
  const { program, start } = adamTraining({ widths: [3, 8, 8, 1], batch: 36, data: "shared" });
  assert.match(await check(program, start, engine), /k = share; k < 9u; k \+= 2u/);
});

test("a value in quads does not take the place of one in words that is as long", async (context) => {
  // Threads take turns: the second begins when the first has written.
  const engine = new WebgpuEngine({ gpu: testGpu, threads: 2, block: 0 });
  context.after(() => engine.dispose());
  const [batch, width] = [128, 8];
  const [x, ones, count] = [input("x", [batch, width]), input("ones", [width, 1]), input("count", [])];
  const activation = x.matmul(ones);
  const normalized = activation.div(activation.square().sum(0).sqrt());
  const program: Program = {
    inputs: Object.entries({ x, ones, count }).map(([name, tensor]) => ({ name, tensor, scope: "member" })),
    updates: [{ input: "count", value: count.add(1) }],
    outputs: [
      { name: "moments", value: normalized.transpose().matmul(x) },
      { name: "kernel", value: x.matmul(x.transpose()).sum() },
    ],
  };
  const ofX = Float32Array.from({ length: width * batch }, (_, i) => i % 7);
  const start = { x: ofX, ones: new Float32Array(width).fill(1), count: [0] };
  assert.match(await check(program, start, engine), STORES);
});
