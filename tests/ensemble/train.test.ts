/** Trainings as a physicist writes them, on both engines. */
import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { inspect } from "node:util";
import { CpuEngine, type Engine, type LoadedProgram, MemoryError, ReferenceEngine } from "../../src/engines/index.js";
import { grid, type MemberArray, seeds, train, type TrainOptions } from "../../src/ensemble/index.js";
import { type DenseParameters, mlp } from "../../src/models/index.js";
import { adam, sgd } from "../../src/optimizers/index.js";
import { NOTEBOOK_HOST } from "../../src/protocol.js";
import { type Key, scalar, ShapeError, type Tensor, zeros } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

const cpu = new CpuEngine({ threads: 2 });
const oneThread = new CpuEngine({ threads: 1 });
after(() => Promise.all([cpu.dispose(), oneThread.dispose()]));

const net = mlp([2, 9, 1]);

/** A small regression on fresh points each step. */
const regression = (overrides: Partial<TrainOptions<DenseParameters[], "learningRate" | "seed", never>> = {}) =>
  train({
    members: grid({ learningRate: [0.003, 0.01, 0.03], seed: seeds(3) }),
    init: ({ key }) => net.init(key),
    loss: (parameters, { key }) => {
      const x = key.normal([10, 2]);
      const target = x.square().sum(1).reshape([10, 1]);
      return net.apply(parameters, x).sub(target).square().mean();
    },
    optimizer: ({ learningRate }) => adam({ learningRate }),
    steps: 60,
    points: 12,
    engine: cpu,
    ...overrides,
  });

/** Gradient descent on a parabola, whose every step is known: x ← x (1 − 2 rate). */
const parabola = (engine: Engine, rates: readonly number[], steps = 20) =>
  train({
    members: grid({ rate: rates }),
    init: () => ({ x: scalar(3) }),
    loss: ({ x }) => x.square(),
    optimizer: ({ rate }) => sgd({ learningRate: rate }),
    steps,
    points: steps,
    engine,
  });

/** The CPU engine with some methods of its programs replaced, and those of its programs that nobody has disposed of. */
function altered(methodsOf: (loaded: LoadedProgram) => Partial<LoadedProgram>) {
  const live = new Set<LoadedProgram>();
  const engine: Engine = {
    name: cpu.name,
    precision: cpu.precision,
    description: cpu.description,
    load: async (program, options) => {
      const loaded = await cpu.load(program, options);
      live.add(loaded);
      const dispose = loaded.dispose.bind(loaded);
      return Object.assign(loaded, methodsOf(loaded), {
        dispose: () => {
          live.delete(loaded);
          dispose();
        },
      });
    },
    dispose: () => Promise.resolve(),
  };
  return { engine, live };
}

for (const engine of [cpu, new ReferenceEngine()]) {
  suite(`on the ${engine.name} engine`, () => {
    test("gradient descent on a parabola takes the exact path", async () => {
      const rates = [0.1, 0.25, 0.4];
      const run = await parabola(engine, rates).finished;
      for (const [member, rate] of rates.entries()) {
        const exact = 3 * (1 - 2 * rate) ** 20;
        assertClose(run.parameters(member)["x"]!.data, [exact], { relative: 1e-5 });
        const losses = Array.from({ length: 20 }, (_, step) => (3 * (1 - 2 * rate) ** step) ** 2);
        assertClose(run.curve("loss")!.values.subarray(member * 20, (member + 1) * 20), losses, {
          relative: 1e-5,
          absolute: 1e-30,
        });
      }
      assert.equal(run.progress.state, "finished");
      assert.deepEqual(
        [...run.curve("loss")!.steps],
        Array.from({ length: 20 }, (_, i) => i + 1),
      );
    });

    test("a member that diverges is marked with its step, and the others go on", async () => {
      // |1 − 2·rate| = 1e10: the loss 9·10^(20 step) leaves float32 at step 2, float64 at step 16
      const run = await parabola(engine, [0.1, 5e9]).finished;
      assert.equal(run.state(1), "diverged");
      assert.equal(run.divergedAt[1], engine.precision === "float32" ? 2 : 16);
      assert.equal(run.state(0), "finished");
      assertClose(run.parameters(0)["x"]!.data, [3 * 0.8 ** 20], { relative: 1e-5 });
      assert.match(run.progress.message ?? "", /1 of 2 members diverged/);
    });
  });
}

test("the CPU engine follows the float64 reference", async () => {
  const [fast, exact] = await Promise.all([
    regression().finished,
    regression({ engine: new ReferenceEngine() }).finished,
  ]);
  assertClose(fast.curve("loss")!.values, exact.curve("loss")!.values, { relative: 2e-4 }, "loss");
  for (const path of ["[0].weight", "[1].bias"]) {
    assertClose(
      fast.parameters(4)[path]!.data,
      exact.parameters(4)[path]!.data,
      { relative: 2e-3, absolute: 2e-4 },
      path,
    );
  }
});

test("one seed gives the same bits whatever the threads and the other members", async () => {
  const [two, one] = [await regression().finished, await regression({ engine: oneThread }).finished];
  assert.deepEqual(two.curve("loss"), one.curve("loss"));
  assert.deepEqual(two.parameters(7), one.parameters(7));
  const alone = await regression({ members: grid({ learningRate: [0.03], seed: [1] }) }).finished;
  assert.deepEqual(alone.parameters(0), two.parameters(7));
});

test("the table has a row for each member", async () => {
  const table = (await regression().finished).table();
  assert.equal(table.numRows(), 9);
  assert.deepEqual(table.columnNames(), ["member", "learningRate", "seed", "loss", "state", "divergedAt"]);
  assert.equal(table.get("learningRate", 8), 0.03);
  assert.equal(table.get("state", 8), "finished");
});

test("evaluate computes a function of every member's parameters", async () => {
  const run = await regression().finished;
  const { sum, twice } = await run.evaluate((parameters, { learningRate }) => ({
    sum: parameters[0]!.weight.sum(),
    twice: learningRate.mul(2),
  }));
  const weights = run.parameters(5)["[0].weight"]!.data;
  assertClose(sum.of(5), [Array.from(weights).reduce((a, b) => a + b)], { relative: 1e-5, absolute: 1e-6 });
  assertClose(
    twice.data,
    [0.003, 0.003, 0.003, 0.01, 0.01, 0.01, 0.03, 0.03, 0.03].map((x) => 2 * x),
    { relative: 1e-6 },
  );
});

test("a training that has ended keeps its parameters and gives all other memory back", async () => {
  let release: (() => void) | undefined;
  const { engine, live } = altered((loaded) => {
    const fetch = loaded.fetch.bind(loaded);
    return {
      // The first one, of an evaluation in the middle, takes until the training has ended.
      fetch: async (names) => {
        if (!release) await new Promise<void>((resolve) => (release = resolve));
        return fetch(names);
      },
    };
  });
  const run = regression({ engine });
  const sumOfWeights = () => run.evaluate((parameters) => parameters[0]!.weight.sum());
  let early: Promise<MemberArray> | undefined;
  run.onChange(() => {
    if (run.progress.step > 0) early ??= sumOfWeights();
  });
  await run.finished;
  assert.equal(live.size, 0);
  release!();
  const sums = run.grid.values.seed.map((_, member) => {
    return Array.from(run.parameters(member)["[0].weight"]!.data).reduce((a, b) => a + b);
  });
  assertClose((await early!).data, sums, { relative: 1e-5, absolute: 1e-6 });
  run.parameters(5)["[0].weight"]!.data.fill(0);
  assertClose((await sumOfWeights()).data, sums, { relative: 1e-5, absolute: 1e-6 });
  assert.equal(live.size, 0);
});

test("a training that fails keeps the parameters it has got to, and gives all other memory back", async () => {
  const { engine, live } = altered((loaded) => {
    const run = loaded.run.bind(loaded);
    let steps = 0;
    return {
      run: (count, members) => {
        if ((steps += count) > 5) throw new Error("no more");
        return run(count, members);
      },
    };
  });
  const run = parabola(engine, [0.1, 0.2]);
  await assert.rejects(run.finished, /no more/);
  assert.equal(run.progress.state, "failed");
  assert.equal(live.size, 0);
  const same = await parabola(cpu, [0.1, 0.2], run.progress.step).finished;
  for (const member of [0, 1]) assert.deepEqual(run.parameters(member), same.parameters(member));
});

test("shared data reaches the loss", async () => {
  const run = train({
    members: grid({ seed: [0] }),
    data: { target: { shape: [3], data: Float32Array.of(1, 2, 6) } },
    init: () => ({ x: scalar(0) }),
    loss: ({ x }, { data }) => data.target.sub(x).square().mean(),
    optimizer: () => sgd({ learningRate: 0.5 }),
    steps: 1,
    engine: cpu,
  });
  assertClose((await run.finished).parameters(0)["x"]!.data, [3], { relative: 1e-6 });
});

test("curves of all members are one long table", async () => {
  const run = await parabola(cpu, [0.1, 5e9]).finished;
  const curves = run.curveTable();
  assert.deepEqual(curves.columnNames(), ["member", "rate", "step", "loss"]);
  assert.equal(curves.numRows(), 20 + 3, "a member that diverges has points up to there");
  assert.deepEqual([curves.get("step", 22), curves.get("loss", 22)], [3, Infinity]);
});

test("a diverged member has an infinite loss wherever it is asked for, and takes no more time", async () => {
  const steps: number[] = [];
  const { engine } = altered((loaded) => {
    const run = loaded.run.bind(loaded);
    return {
      run: (count, members) => {
        if (members) steps.push(members.length);
        return run(count, members);
      },
    };
  });
  const run = await parabola(engine, [0.1, 5e9, 0.2]).finished;
  assert.deepEqual([steps[0], steps.at(-1)], [3, 2]);
  assert.equal(run.columns[1]!.values[1], Infinity);
  assert.equal(run.table().get("loss", 1), Infinity);
  assert.equal(run.table().get("state", 1), "diverged");
});

test("a loss beyond a limit of one's own counts as diverged", async () => {
  const run = train({
    members: grid({ rate: [0.1, 2] }),
    init: () => ({ x: scalar(3) }),
    loss: ({ x }) => x.square(), // 9 · 9^step at rate 2
    optimizer: ({ rate }) => sgd({ learningRate: rate }),
    divergesAbove: 1000,
    steps: 20,
    engine: cpu,
  });
  assert.deepEqual([...(await run.finished).divergedAt], [NaN, 3]);
});

suite("members of different widths", () => {
  const widths = (members = grid({ width: [3, 9], rate: [0.1, 0.05], seed: seeds(2) })) =>
    train({
      members,
      structural: ["width"],
      init: ({ key, width }) => ({ x: key.normal([width]) }),
      loss: ({ x }, { width }) => ({ loss: x.square().sum(), width: x.zerosLike().add(1).sum().div(width) }),
      optimizer: ({ rate }) => sgd({ learningRate: rate }),
      steps: 4,
      points: 4,
      engine: cpu,
    });

  test("are one run: each is as it would be alone", async () => {
    assert.throws(() => widths(), /Both a hyperparameter and a metric are called "width"/);
    const options = (width: readonly number[]) => ({
      members: grid({ width, rate: [0.1, 0.05], seed: seeds(2) }),
      structural: ["width"] as const,
      init: ({ key, width: units }: { key: Key; width: number }) => mlp([1, units, 1]).init(key),
      loss: (parameters: DenseParameters[], { key, width: units }: { key: Key; width: number }) => {
        const x = key.normal([8, 1]);
        return mlp([1, units, 1]).apply(parameters, x).sub(x.square()).square().mean();
      },
      optimizer: ({ rate }: { rate: Tensor }) => adam({ learningRate: rate }),
      steps: 12,
      engine: cpu,
    });
    const [both, narrow, wide] = await Promise.all([
      train(options([3, 9])).finished,
      train(options([3])).finished,
      train(options([9])).finished,
    ]);
    assert.deepEqual(
      [both.parameters(0)["[0].weight"]!.shape, both.parameters(4)["[0].weight"]!.shape],
      [
        [1, 3],
        [1, 9],
      ],
    );
    for (let member = 0; member < 4; member++) {
      assert.deepEqual(both.parameters(member), narrow.parameters(member));
      assert.deepEqual(both.parameters(4 + member), wide.parameters(member));
    }
    assert.deepEqual(both.table().array("width"), [3, 3, 3, 3, 9, 9, 9, 9]);
    const norms = await both.evaluate((parameters, { width: units }) =>
      parameters[0]!.weight.square().sum().div(units),
    );
    assert.equal(norms.shape.join(), "8");
    const squares = Array.from(wide.parameters(2)["[0].weight"]!.data, (w) => w * w);
    assertClose(norms.of(6), [squares.reduce((a, b) => a + b) / 9], { relative: 1e-6 });
    await assert.rejects(
      both.evaluate((parameters) => parameters[0]!.weight),
      /The result is \[1, 9\] for width = 9, but \[1, 3\] for the first members/,
    );
  });

  test("a structural hyperparameter is one of the grid", () => {
    const options = { members: grid({ rate: [1] }), init: () => scalar(0), loss: (x: Tensor) => x, steps: 1 };
    assert.throws(
      () => train({ ...options, structural: ["width" as "rate"], optimizer: () => sgd({ learningRate: 1 }) }),
      /The structural hyperparameter "width" is none of the grid's: rate/,
    );
  });
});

suite("streams of metrics", () => {
  test("hold every point once, whatever the consumer's pace", async () => {
    const run = regression({ steps: 600, points: 60 });
    const sizes: number[] = [];
    const seen: number[] = [];
    const losses: number[] = [];
    for await (const { steps, metrics } of run.batches()) {
      if (sizes.length === 0) await run.finished; // as slow as can be: everything else comes at once
      sizes.push(steps.length);
      seen.push(...steps);
      losses.push(...metrics["loss"]!.of(4));
    }
    assert.equal(sizes.length, 2);
    assert.deepEqual(seen, [...run.curve("loss")!.steps]);
    assertClose(losses, run.curve("loss")!.values.subarray(4 * 60, 5 * 60), {});
  });

  test("a consumer is called again only when it is ready, and its error is its own", async () => {
    const run = regression({ steps: 600, points: 60 });
    let [busy, points] = [0, 0];
    const counted = run.stream(async ({ steps }) => {
      assert.equal(busy++, 0, "two calls at once");
      await new Promise((resolve) => setImmediate(resolve));
      points += steps.length;
      busy--;
    });
    await assert.rejects(
      run.stream(() => {
        throw new Error("my plot broke");
      }),
      /my plot broke/,
    );
    await counted;
    assert.deepEqual([points, run.progress.state], [60, "finished"]);
  });

  test("a listener that throws is called no more, and the training goes on", async () => {
    const run = regression();
    let calls = 0;
    run.onChange(() => {
      calls++;
      throw new Error("my plot broke");
    });
    await run.finished;
    assert.equal(calls, 1);
    assert.match(run.progress.message!, /a listener failed: Error: my plot broke/);
  });

  test("a run that fails ends them with its error", async () => {
    const run = train({
      members: grid({ seed: seeds(1000) }),
      init: () => zeros([10_000_000]),
      loss: (x) => x.square().mean(),
      optimizer: () => sgd({ learningRate: 0.1 }),
      steps: 1,
      engine: cpu,
    });
    await assert.rejects(
      run.stream(() => assert.fail("there is nothing to stream")),
      MemoryError,
    );
    await assert.rejects(run.finished, MemoryError);
  });
});

test("stopping keeps what was computed", async () => {
  const controller = new AbortController();
  const run = regression({ steps: 1_000_000, points: 10_000, signal: controller.signal });
  await new Promise<void>((resolve) => {
    const release = run.onChange(() => {
      if (run.progress.step < 500) return;
      release();
      resolve();
    });
  });
  controller.abort();
  await run.finished;
  assert.equal(run.progress.state, "stopped");
  assert.equal(run.state(0), "stopped");
  assert.ok(run.progress.step >= 500 && run.progress.step < 1_000_000);
  assert.ok(run.columns.find(({ name }) => name === "loss")!.values.every(Number.isFinite));
  assert.equal(run.parameters(0)["[0].weight"]!.data.length, 18);
});

test("interrupting the cell that runs now stops a run that an earlier cell started", async () => {
  const cells = [new AbortController(), new AbortController()] as const;
  let running: AbortController = cells[0];
  const host = { get: () => ({ interruptSignal: running.signal }), configurable: true };
  Object.defineProperty(globalThis, NOTEBOOK_HOST, host);
  try {
    const run = regression({ steps: 1_000_000, points: 10_000 });
    running = cells[1];
    run.onChange(() => {
      if (run.progress.step > 0) running.abort();
    });
    await run.finished;
    assert.deepEqual([run.progress.state, run.progress.message], ["stopped", "interrupted"]);
    assert.match(inspect(run), /^Training of 9 members on cpu, stopped at step \d+ of 1000000 \(interrupted\)$/);
    assert.ok(run.columns.at(-1)!.values.every(Number.isFinite), "the interval that was cut short is recorded, too");
  } finally {
    Reflect.deleteProperty(globalThis, NOTEBOOK_HOST);
  }
});

test("an interrupt that ends the cell before its run looks again stops the run", async () => {
  const cell = new AbortController();
  let running: AbortController | undefined = cell;
  const between = new AbortController();
  const host = { get: () => ({ interruptSignal: (running ?? between).signal }), configurable: true };
  Object.defineProperty(globalThis, NOTEBOOK_HOST, host);
  try {
    const run = regression({ steps: 1e6 });
    // The cell is gone, and no other runs, when the engine hears of the interrupt.
    running = undefined;
    cell.abort(new Error("interrupted"));
    await run.finished;
    assert.deepEqual([run.progress.state, run.progress.message], ["stopped", "interrupted"]);
  } finally {
    Reflect.deleteProperty(globalThis, NOTEBOOK_HOST);
  }
});

test("misuse is refused before anything runs", () => {
  assert.throws(() => regression({ steps: 0 }), /train: steps must be a positive integer, got 0/);
  assert.throws(() => regression({ steps: -3 }), /got -3/);
  assert.throws(
    () => regression({ engine: "abacus" }),
    /There is no engine "abacus". Engines: webgpu, webgpu-float16, cpu, tensorflow, reference/,
  );
  assert.throws(() => regression({ loss: (p, { key }) => net.apply(p, key.normal([10, 3])).mean() }), ShapeError);
  assert.throws(
    () => regression({ loss: (p, { key }) => net.apply(p, key.normal([0, 2])).mean() }),
    /lengths are positive/,
  );
  assert.throws(
    () => regression({ loss: (p: DenseParameters[]): Tensor => p[0]!.bias }),
    /The metric "loss" must be an f32 scalar/,
  );
  const data = (values: number[], shape = [2]) => ({ data: { x: { shape, data: Float32Array.from(values) } } });
  const withData = (given: ReturnType<typeof data>) => () =>
    train({
      ...given,
      members: grid({ seed: [0] }),
      init: () => scalar(0),
      loss: (x, c) => c.data.x.sum().mul(x),
      optimizer: () => sgd({ learningRate: 1 }),
      steps: 1,
    });
  assert.throws(withData(data([1, NaN])), /train: value 1 of the data "x" is NaN; data are finite numbers/);
  assert.throws(withData(data([1, Infinity])), /value 1 of the data "x" is Infinity/);
  assert.throws(withData(data([1, 2], [3])), /the data "x" of shape \[3\] has 2 values/);
  assert.throws(
    () =>
      train({
        members: grid({ key: [1] }),
        init: () => scalar(0),
        loss: (x) => x,
        optimizer: () => sgd({ learningRate: 1 }),
        steps: 1,
      }),
    /cannot be called "key"/,
  );
});

test("more members than memory holds are refused with the number", async () => {
  const run = train({
    members: grid({ seed: seeds(1000) }),
    init: () => zeros([1_000_000]),
    loss: (x) => x.square().mean(),
    optimizer: () => adam({ learningRate: 0.1 }),
    steps: 1,
    engine: cpu,
  });
  await assert.rejects(run.finished, (error: unknown) => {
    assert.ok(error instanceof MemoryError);
    assert.match(error.message, /1000 members need 1\d{4} MiB \(\d+(\.\d)? MiB a member\).* At most \d+ members fit/);
    return true;
  });
  assert.equal(run.progress.state, "failed");
});
