/** All threads share one member: the same bits as one thread alone, and a thread that is lost costs only its member. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { CpuEngine, type CpuEngineOptions } from "../../src/engines/index.js";
import { constant, input, scan, type Tensor } from "../../src/tensor/index.js";
import { adamTraining, type Training } from "../compile/networks.js";

/** A convolution of rows, a gather, sums over either axis, a loop and truth values: kernels of all kinds. */
function mixture(): Training {
  const [rows, columns] = [96, 160];
  const x = input("x", [rows, columns]);
  const w = input("w", [columns, columns]);
  const tall = input("tall", [8000, 8]);
  const smooth = x.slice([0, 1], [rows, columns]).pad([0, 0], [0, 1]).add(x.roll(1, 0)).mul(0.3);
  const chosen = smooth.take(constant([...Array(rows).keys()].map((i) => (7 * i) % rows)).cast("i32"), 0);
  const positive = chosen.greater(0);
  const product = positive.select(chosen, chosen.mul(0.1)).matmul(w);
  const looped = scan(
    (carry: Tensor) => ({ carry: carry.mul(0.5).add(product.mean(1)) }),
    x.sum(1),
    product.slice([0, 0], [3, 1]),
  ).carry;
  const next = product
    .tanh()
    .sub(product.sum(0).mul(1e-3))
    .add(looped.reshape([rows, 1]).mul(1e-2));
  const start = {
    x: Array.from({ length: rows * columns }, (_, i) => Math.sin(i)),
    w: Array.from({ length: columns * columns }, (_, i) => Math.cos(1.7 * i) / 8),
    tall: Array.from({ length: tall.size }, (_, i) => Math.sin(3 * i)),
  };
  return {
    program: {
      inputs: [
        { name: "x", tensor: x, scope: "member" },
        { name: "w", tensor: w, scope: "member" },
        { name: "tall", tensor: tall, scope: "member" },
      ],
      updates: [
        { input: "x", value: next },
        { input: "w", value: w.mul(0.9).add(next.transpose([1, 0]).matmul(x).mul(1e-4)) },
      ],
      outputs: [
        { name: "norm", value: next.square().sum() },
        { name: "column sums", value: tall.square().add(tall).sum(0) },
      ],
    },
    start,
  };
}

const TRAININGS: Readonly<Record<string, Training>> = {
  "a batch in blocks": adamTraining({ widths: [8, 200, 72, 8], batch: 160, data: "sphere" }),
  "a wide layer": adamTraining({ widths: [20, 600, 4], batch: 24, data: "shared" }),
  "thin products": adamTraining({ widths: [3, 400, 2, 400, 3], batch: 64, data: "sphere" }),
  "kernels of all kinds": mixture(),
};

async function stateAfter({ program, start }: Training, options: CpuEngineOptions): Promise<Record<string, number[]>> {
  const engine = new CpuEngine(options);
  try {
    const loaded = await engine.load(program, { members: 2 });
    for (const [name, values] of Object.entries(start)) for (const member of [0, 1]) loaded.write(name, values, member);
    for (const steps of [1, 3]) assert.deepEqual(await loaded.run(steps, [1]), { failures: [] });
    const names = [...program.updates.map((update) => update.input), ...program.outputs.map((output) => output.name)];
    return Object.fromEntries(names.map((name) => [name, [...loaded.read(name, 1)]]));
  } finally {
    await engine.dispose();
  }
}

for (const [name, training] of Object.entries(TRAININGS)) {
  for (const deterministic of [false, true]) {
    test(`${name}: one, two and three threads give the bits of one alone${deterministic ? ", plain" : ""}`, async () => {
      const alone = await stateAfter(training, { threads: 1, deterministic, mode: "fused" });
      for (const values of Object.values(alone)) assert.ok(values.every(Number.isFinite));
      for (const threads of [1, 2, 3])
        assert.deepEqual(
          await stateAfter(training, { threads, deterministic, mode: "wide" }),
          alone,
          `${threads} threads`,
        );
    });
  }
}

suite("a thread that dies while it shares a member", () => {
  const training = adamTraining({ widths: [8, 300, 300, 8], batch: 160, data: "shared" });

  /** Terminates a worker as soon as the run has begun. */
  async function runAndKill(
    engine: CpuEngine,
    times: number,
  ): Promise<{ failures: readonly object[]; state: number[] }> {
    const loaded = await engine.load(training.program, { members: 1 });
    for (const [name, values] of Object.entries(training.start)) loaded.write(name, values, 0);
    await loaded.run(1);
    const pool = engine["pool"];
    const run = loaded.run(20);
    for (let i = 0; i < times; i++) {
      const before = pool["workers"][1]!;
      while (pool["job"] === undefined || !pool["job"].working.has(1) || pool["workers"][1] !== before) await tick();
      await before.terminate();
    }
    const { failures } = await run;
    return { failures, state: [...loaded.read("weight1", 0)] };
  }

  const tick = () => new Promise((resolve) => setImmediate(resolve));

  test("is replaced, and the member computed once more from where it was", async () => {
    const engine = new CpuEngine({ threads: 2, mode: "wide" });
    try {
      const { failures, state } = await runAndKill(engine, 1);
      assert.deepEqual(failures, []);
      const undisturbed = await runAndKill(engine, 0);
      assert.deepEqual(state, undisturbed.state);
    } finally {
      await engine.dispose();
    }
  });

  test("twice costs the member its run; its state is that of before", async () => {
    const engine = new CpuEngine({ threads: 2, mode: "wide" });
    try {
      const { failures, state } = await runAndKill(engine, 2);
      assert.deepEqual(failures, [{ member: 0, reason: "the worker thread ended" }]);
      const loaded = await engine.load(training.program, { members: 1 });
      for (const [name, values] of Object.entries(training.start)) loaded.write(name, values, 0);
      await loaded.run(1);
      assert.deepEqual(state, [...loaded.read("weight1", 0)]);
    } finally {
      await engine.dispose();
    }
  });
});
