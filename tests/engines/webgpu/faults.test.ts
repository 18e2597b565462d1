/** What goes wrong on GPUs ends in a message that says what to do, and loses nothing that was computed. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  AutomaticEngine,
  CpuEngine,
  DispatchTimeoutError,
  type Engine,
  type LoadedProgram,
  MemoryError,
  NoGpuError,
  ShaderError,
  WebgpuEngine,
} from "../../../src/engines/index.js";
import type { Gpu } from "../../../src/engines/webgpu/gpu-types.js";
import { input, type Program } from "../../../src/tensor/index.js";
import { faultyGpu, withOthers } from "./faulty-gpu.js";

const engines: Engine[] = [];
after(() => Promise.all(engines.map((engine) => engine.dispose())));

function engineOn(gpu: () => Promise<Gpu>, options: { patienceMs?: number } = {}): WebgpuEngine {
  const engine = new WebgpuEngine({ gpu, threads: 32, ...options });
  engines.push(engine);
  return engine;
}

const x = input("x", [20]);
const rate = input("rate", []);
const count = input("count", []);

/** x ← x + rate, the sum of all elements, and a count of steps; x is too large to be copied back after each run. */
const walk: Program = {
  inputs: [
    { name: "x", tensor: x, scope: "member" },
    { name: "rate", tensor: rate, scope: "member" },
    { name: "count", tensor: count, scope: "member" },
  ],
  updates: [
    { input: "x", value: x.add(rate) },
    { input: "count", value: count.add(1) },
  ],
  outputs: [{ name: "total", value: x.sum() }],
};

/** Two members that walk at different rates. */
async function loadWalk(engine: Engine): Promise<LoadedProgram> {
  const program = await engine.load(walk, { members: 2 });
  for (const member of [0, 1]) program.write("rate", [member + 1], member);
  return program;
}

async function assertWalked(program: LoadedProgram, steps: readonly number[]): Promise<void> {
  await program.fetch();
  for (const [member, done] of steps.entries()) {
    assert.deepEqual([...program.read("x", member)], new Array(20).fill(done * (member + 1)));
    assert.deepEqual([...program.read("count", member)], [done]);
  }
}

test("no adapter", async () => {
  const none: Gpu = { requestAdapter: () => Promise.resolve(null) };
  await assert.rejects(
    loadWalk(engineOn(() => Promise.resolve(none))),
    (error) => error instanceof NoGpuError && error.message.includes('use { engine: "cpu" }'),
  );
});

test("limits too small", async () => {
  const { gpu } = faultyGpu({ limits: { maxStorageBufferBindingSize: 64 } });
  await assert.rejects(
    loadWalk(engineOn(gpu)),
    (error) => error instanceof MemoryError && /needs .* for a member, but a buffer of the GPU/.test(error.message),
  );
});

test("out of memory", async () => {
  const { gpu } = faultyGpu({ device: () => ({ popErrorScope: () => Promise.resolve({ message: "out of memory" }) }) });
  await assert.rejects(
    loadWalk(engineOn(gpu)),
    (error) => error instanceof MemoryError && /has no .* MiB left for 2 members/.test(error.message),
  );
});

test("a shader that the driver refuses is said with its line and operations", async () => {
  const { gpu } = faultyGpu({
    device: (device) => ({
      createShaderModule: ({ code, label }) =>
        device.createShaderModule({
          code: code.replace("var sum0 = 0f;", "var sum0 = true;"),
          ...(label && { label }),
        }),
    }),
  });
  await assert.rejects(
    loadWalk(engineOn(gpu)),
    (error) => error instanceof ShaderError && /at line \d+: .* tensor operations [a-z, ]*sum/s.test(error.message),
  );
});

test("a lost device's work is done again on a new one", async () => {
  const { gpu, devices } = faultyGpu({});
  const program = await loadWalk(engineOn(gpu));
  await program.run(3);
  program.write("x", new Float32Array(20).fill(100), 1);
  await program.run(2, [0]);
  devices[0]!.destroy();
  await program.run(1, [0]);
  assert.equal(devices.length, 2);
  await program.fetch();
  assert.deepEqual([program.read("x", 0)[7], program.read("x", 1)[7]], [6, 100]);
  assert.deepEqual([program.read("count", 0)[0], program.read("count", 1)[0]], [6, 3]);
});

test("it is done again with the inputs of then, not with those that were written later", async () => {
  const { gpu, devices } = faultyGpu({});
  const rates = input("rates", [20]);
  const inputs = [x, rates].map((tensor, i) => ({ name: i === 0 ? "x" : "rates", tensor, scope: "member" as const }));
  const drift: Program = { inputs, updates: [{ input: "x", value: x.add(rates) }], outputs: [] };
  const program = await engineOn(gpu).load(drift, { members: 2 });
  for (const member of [0, 1]) program.write("rates", new Float32Array(20).fill(member + 1), member);
  await program.run(3);
  program.write("rates", new Float32Array(20).fill(10), 1);
  await program.run(2);
  devices[0]!.destroy();
  await program.run(1);
  await program.fetch();
  assert.equal(devices.length, 2);
  assert.deepEqual([program.read("x", 0)[7], program.read("x", 1)[7]], [6, 3 * 2 + 3 * 10]);
});

test("a device that is lost while it computes", async () => {
  const { gpu, devices } = faultyGpu({});
  const program = await loadWalk(engineOn(gpu));
  await program.run(3);
  const running = program.run(50);
  devices[0]!.destroy();
  await running;
  await assertWalked(program, [53, 53]);
});

/** A queue whose work never ends. */
const hanging = (device: Parameters<typeof withOthers>[0] & { queue: object }) =>
  withOthers(device.queue as { onSubmittedWorkDone(): Promise<unknown> }, {
    onSubmittedWorkDone: () => new Promise(() => undefined),
  });

test("a dispatch that hangs is given up, and done on a new device", async () => {
  const { gpu, devices } = faultyGpu({
    device: (device, opened) => (opened === 0 ? { queue: hanging(device) as typeof device.queue } : {}),
  });
  const program = await loadWalk(engineOn(gpu, { patienceMs: 5000 }));
  await program.run(4);
  assert.equal(devices.length, 2);
  await assertWalked(program, [4, 4]);
});

test("a GPU that always hangs is reported", async () => {
  const { gpu } = faultyGpu({ device: (device) => ({ queue: hanging(device) as typeof device.queue }) });
  const engine = engineOn(gpu, { patienceMs: 1000 });
  await assert.rejects(
    async () => (await loadWalk(engine)).run(1),
    (error) => error instanceof DispatchTimeoutError && error.message.includes("did not answer"),
  );
});

test("the length of dispatches follows the GPU's clock, not how long the host waits", async () => {
  let dispatches = 0;
  const { gpu } = faultyGpu({
    device: ({ queue }) => ({
      queue: withOthers(queue, {
        submit: (commands) => {
          dispatches++;
          queue.submit(commands);
        },
        onSubmittedWorkDone: async () => {
          await queue.onSubmittedWorkDone();
          await new Promise((resolve) => setTimeout(resolve, 150));
        },
      }),
    }),
  });
  const program = await loadWalk(engineOn(gpu));
  await program.run(1);
  const before = dispatches;
  await program.run(100);
  // Of 4, 16, 64 and 16 steps, and one that reads results. By the time of waiting, they would never grow.
  assert.ok(dispatches - before <= 10, `${dispatches - before} dispatches`);
  await assertWalked(program, [101, 101]);
});

/** The engine that is chosen automatically, on a GPU that counts as a real one. */
function automatic(gpu: () => Promise<Gpu>): AutomaticEngine {
  const real = new WebgpuEngine({ gpu, threads: 32, accept: ({ software }) => !software });
  const engine = new AutomaticEngine(real, () => new CpuEngine({ threads: 1 }));
  engines.push(engine);
  return engine;
}

test("a real GPU is chosen automatically, and the CPU goes on where it is lost for good", async () => {
  let isGone = false;
  const { gpu, devices } = faultyGpu({ isSoftware: false });
  const once = async (): Promise<Gpu> => {
    const found = await gpu();
    return withOthers(found, {
      requestAdapter: (options) => (isGone ? Promise.resolve(null) : found.requestAdapter(options)),
    });
  };
  const engine = automatic(once);
  const program = await loadWalk(engine);
  assert.equal(engine.name, "webgpu");
  await program.run(3);
  isGone = true;
  devices[0]!.destroy();
  await program.run(2, [1]);
  assert.equal(engine.name, "cpu");
  await assertWalked(program, [3, 5]);
});

test("adapters made of software are not chosen automatically", async () => {
  const engine = automatic(faultyGpu({}).gpu);
  await assertWalked(await loadWalk(engine), [0, 0]);
  assert.equal(engine.name, "cpu");
});
