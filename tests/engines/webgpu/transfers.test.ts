/** Values on their way to the GPU and back: any sizes and numbers of them, read late, and read while it computes. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type LoadedProgram, WebgpuEngine } from "../../../src/engines/index.js";
import type { Gpu } from "../../../src/engines/webgpu/gpu-types.js";
import { input, type Program, type Tensor } from "../../../src/tensor/index.js";
import { testGpu } from "../../support/software-gpu.js";
import { faultyGpu, withOthers } from "./faulty-gpu.js";

const engines: WebgpuEngine[] = [];
after(() => Promise.all(engines.map((engine) => engine.dispose())));

function engineOn(gpu: () => Promise<Gpu> = testGpu): WebgpuEngine {
  const engine = new WebgpuEngine({ gpu, threads: 64 });
  engines.push(engine);
  return engine;
}

/** Each x becomes x + 1 in a step; "double x" is twice what it was before. */
function counters(names: readonly string[], size: number): Program {
  const states = names.map((name): [string, Tensor] => [name, input(name, size > 1 ? [size] : [])]);
  return {
    inputs: states.map(([name, tensor]) => ({ name, tensor, scope: "member" })),
    updates: states.map(([name, tensor]) => ({ input: name, value: tensor.add(1) })),
    outputs: states.map(([name, tensor]) => ({ name: `double ${name}`, value: tensor.mul(2) })),
  };
}

/** What tells members, names and places apart. */
const start = (size: number, member: number, number = 0) =>
  Float32Array.from({ length: size }, (_, i) => i + 1000 * number + 0.25 * member);

test("more than is moved at a time, of members in several buffers", async () => {
  const [size, members, bytes] = [1_200_000, 5, 24_000_000];
  const { gpu } = faultyGpu({ limits: { maxStorageBufferBindingSize: bytes, maxBufferSize: bytes } });
  const program = await engineOn(gpu).load(counters(["x"], size), { members });
  for (let member = 0; member < members; member++) program.write("x", start(size, member), member);
  await program.run(2);
  await program.fetch();
  for (let member = 0; member < members; member++) {
    const first = start(size, member);
    assert.deepEqual(
      program.read("x", member),
      first.map((x) => x + 2),
    );
    assert.deepEqual(
      program.read("double x", member),
      first.map((x) => 2 * (x + 1)),
    );
  }
});

test("more names than are moved at a time, some written again for many members and some for few", async () => {
  const names = Array.from({ length: 150 }, (_, n) => `x${n}`);
  const members = 40;
  const program = await engineOn().load(counters(names, 1), { members });
  const expected = new Map<string, number>();
  const write = (n: number, member: number, value: number) => {
    program.write(names[n]!, [value], member);
    expected.set(`${n} of ${member}`, value);
  };
  const run = async () => {
    await program.run(1);
    for (const [key, value] of expected) expected.set(key, value + 1);
  };
  for (let n = 0; n < names.length; n++)
    for (let member = 0; member < members; member++) write(n, member, 1000 * n + 0.25 * member);
  await run();
  for (let member = 0; member < members; member++) write(7, member, member);
  write(9, 3, -5);
  await run();
  for (let n = 0; n < names.length; n++)
    for (let member = 0; member < members; member++) {
      const value = expected.get(`${n} of ${member}`)!;
      assert.deepEqual([...program.read(names[n]!, member)], [value]);
      assert.deepEqual([...program.read(`double ${names[n]!}`, member)], [2 * (value - 1)]);
    }
});

test("what was read stays, and what was fetched can be read when the engine has ended", async () => {
  const engine = engineOn();
  const program = await engine.load(counters(["x"], 20), { members: 2 });
  program.write("x", start(20, 1), 1);
  await program.run(1);
  const kept = program.read("double x", 1);
  const before = kept.slice();
  await program.run(3);
  assert.deepEqual(kept, before);
  await program.fetch();
  program.dispose();
  await engine.dispose();
  assert.deepEqual(
    program.read("x", 1),
    start(20, 1).map((x) => x + 4),
  );
  assert.deepEqual([...program.read("double x", 0)], new Array(20).fill(6));
});

/** Runs a step and notes what is read while it computes. */
async function watched(program: LoadedProgram): Promise<number[]> {
  const seen: number[] = [];
  await program.runWhile!(1, [0, 1], () => seen.push(program.read("double x", 1)[0]!));
  return seen;
}

test("the host sees the values of before once while the GPU computes", async () => {
  const program = await engineOn().load(counters(["x"], 20), { members: 2 });
  assert.deepEqual(await watched(program), [0]);
  await program.run(4);
  assert.deepEqual(await watched(program), [8]);
  assert.equal(program.read("double x", 1)[0], 10);
});

test("it does where the device is lost, too", async () => {
  const { gpu, devices } = faultyGpu({});
  const program = await engineOn(gpu).load(counters(["x"], 20), { members: 2 });
  await program.run(4);
  devices[0]!.destroy();
  assert.deepEqual(await watched(program), [6]);
  assert.equal(program.read("double x", 1)[0], 8);
});

test("nothing waits for the GPU between a run's last dispatch and the copy of its results", async () => {
  const events: string[] = [];
  const { gpu } = faultyGpu({
    device: ({ queue }) => ({
      queue: withOthers(queue, {
        submit: (commands) => {
          events.push("submit");
          queue.submit(commands);
        },
        onSubmittedWorkDone: async () => {
          await queue.onSubmittedWorkDone();
          events.push("done");
        },
      }),
    }),
  });
  const program = await engineOn(gpu).load(counters(["x"], 20), { members: 2 });
  await program.run(1); // makes the buffers that results pass through
  events.length = 0;
  await program.run(1);
  assert.deepEqual(events, ["submit", "submit", "done"]);
});
