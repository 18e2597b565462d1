/** A program that is loaded again starts at once: neither it nor its shader is compiled anew, unless the device is another one. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { WebgpuEngine } from "../../../src/engines/index.js";
import { input, type Program } from "../../../src/tensor/index.js";
import { faultyGpu } from "./faulty-gpu.js";

/** Traced anew at each call. */
function doubling(): Program {
  const x = input("x", [4]);
  return {
    inputs: [{ name: "x", tensor: x, scope: "member" }],
    updates: [{ input: "x", value: x.mul(2) }],
    outputs: [],
  };
}

/** An engine on the test GPU that counts compilations, of which the first ones may fail. */
function countingEngine({ failing = 0 } = {}) {
  const labels: (string | undefined)[] = [];
  const { gpu, devices } = faultyGpu({
    device: (device) => ({
      createShaderModule: (options) => {
        labels.push(options.label);
        const isRefused = options.label === "program" && failing-- > 0;
        return device.createShaderModule(isRefused ? { ...options, code: "no shader" } : options);
      },
    }),
  });
  const engine = new WebgpuEngine({ gpu, threads: 64 });
  after(() => engine.dispose());
  const compiled = () => labels.filter((label) => label === "program").length;
  return { engine, devices, labels, compiled };
}

test("a program that was traced again is not compiled again, and members are kept apart", async () => {
  const { engine, labels, compiled } = countingEngine();
  const first = await engine.load(doubling(), { members: 2 });
  const before = labels.length;
  const second = await engine.load(doubling(), { members: 3 });
  assert.equal(labels.length, before);
  assert.equal(compiled(), 1);
  first.write("x", [1, 2, 3, 4], 1);
  second.write("x", [5, 6, 7, 8], 2);
  await first.run(2);
  first.dispose();
  await second.run(1);
  await second.fetch();
  assert.deepEqual([...second.read("x", 2)], [10, 12, 14, 16]);
  assert.deepEqual([...second.read("x", 1)], [0, 0, 0, 0]);
});

test("a new device compiles its shaders itself", async () => {
  const { engine, devices, compiled } = countingEngine();
  const program = await engine.load(doubling(), { members: 1 });
  program.write("x", [1, 2, 3, 4], 0);
  await program.run(1);
  devices[0]!.destroy();
  await program.run(1);
  await program.fetch();
  assert.deepEqual([...program.read("x", 0)], [4, 8, 12, 16]);
  assert.deepEqual([devices.length, compiled()], [2, 2]);
});

test("a compilation that failed is tried again", async () => {
  const { engine, compiled } = countingEngine({ failing: 1 });
  await assert.rejects(engine.load(doubling(), { members: 1 }), { name: "ShaderError" });
  const program = await engine.load(doubling(), { members: 1 });
  program.write("x", [1, 2, 3, 4], 0);
  await program.run(1);
  await program.fetch();
  assert.deepEqual([...program.read("x", 0)], [2, 4, 6, 8]);
  assert.equal(compiled(), 2);
});
