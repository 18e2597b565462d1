/** Values of a batch, and shared data, in halves of words: as exact as their digits allow, and with everything else as it was. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { Interpreter } from "../../../src/compile/reference.js";
import { engine, WebgpuEngine } from "../../../src/engines/index.js";
import type { WebgpuProgram } from "../../../src/engines/webgpu/webgpu-program.js";
import { adam, grid, mlp, seeds as seedsOf, train } from "../../../src/index.js";
import { input, type Program, type Tensor, valueAndGrad } from "../../../src/tensor/index.js";
import { generator } from "../../compile/generator.js";
import { adamTraining } from "../../compile/networks.js";
import { largestValue, randomNetwork } from "../../compile/random-network.js";
import { testGpu } from "../../support/software-gpu.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

/** What rounding to 11 and to 8 bits of significand changes at most, relative to a number. */
const F16_ERROR = 2 ** -11;
const BF16_ERROR = 2 ** -8;
/** What sums of float32 add to that. */
const F32_ERROR = 1e-5;

const common = { gpu: testGpu, threads: 64 };
const halves = new WebgpuEngine({ ...common, storage: "float16", block: 0 });
const inBlocks = new WebgpuEngine({ ...common, storage: "float16", block: 8, workgroupBytes: 12288 });
const float32 = new WebgpuEngine(common);
after(() => Promise.all([halves, inBlocks, float32].map((one) => one.dispose())));

/** A program of a member's tensors with a state: without one it is no step, and has no batch. */
function counted(tensors: Readonly<Record<string, Tensor>>, outputs: Program["outputs"]): Program {
  const count = input("count", []);
  return {
    inputs: Object.entries({ ...tensors, count }).map(([name, tensor]) => ({ name, tensor, scope: "member" })),
    updates: [{ input: "count", value: count.add(1) }],
    outputs,
  };
}

/** A program of one member after some steps, with all its states here. */
async function ran(
  on: WebgpuEngine,
  program: Program,
  start: Readonly<Record<string, ArrayLike<number>>>,
  steps = 1,
): Promise<WebgpuProgram> {
  const loaded = (await on.load(program, { members: 1 })) as WebgpuProgram;
  for (const [name, values] of Object.entries(start)) loaded.write(name, values, 0);
  await loaded.run(steps);
  await loaded.fetch();
  return loaded;
}

const stores = ({ program }: WebgpuProgram, format: "f16" | "bf16"): boolean =>
  program.code.includes(`= packed_${format}(`);

test("activations and data are as exact as 11 bits allow", async () => {
  const [batch, inputs, hidden, outputs] = [64, 5, 16, 3];
  const x = input("x", [batch, inputs]);
  const [first, second] = [input("first", [inputs, hidden]), input("second", [hidden, outputs])];
  const own = counted({ first, second }, [{ name: "y", value: x.matmul(first).tanh().matmul(second) }]);
  const program: Program = { ...own, inputs: [{ name: "x", tensor: x, scope: "shared" }, ...own.inputs] };
  const random = generator(4);
  const start = Object.fromEntries(program.inputs.map(({ name, tensor }) => [name, random.values("f32", tensor.size)]));
  const loaded = await ran(halves, program, start);
  assert.ok(stores(loaded, "f16"), "hidden activations are halves");
  const expected = new Interpreter(program, start).run(1).read("y");
  const { x: data, first: w, second: v } = start as { x: number[]; first: number[]; second: number[] };
  let largest = 0;
  loaded.read("y", 0).forEach((value, i) => {
    const [sample, output] = [Math.floor(i / outputs), i % outputs];
    let bound = F32_ERROR;
    for (let h = 0; h < hidden; h++) {
      let [sum, ofSum] = [0, 0];
      for (let k = 0; k < inputs; k++) {
        sum += data[sample * inputs + k]! * w[k * hidden + h]!;
        ofSum += F16_ERROR * Math.abs(data[sample * inputs + k]! * w[k * hidden + h]!);
      }
      // No derivative of tanh is larger than 1, and its result is rounded, too.
      bound += Math.abs(v[h * outputs + output]!) * (ofSum + F16_ERROR * (Math.abs(Math.tanh(sum)) + ofSum));
    }
    const error = Math.abs(value - expected[i]!);
    assert.ok(error <= bound, `y[${i}]: ${value}, not ${expected[i]}: ${error} > ${bound}`);
    largest = Math.max(largest, error);
  });
  assert.ok(largest > 2 * F32_ERROR, `${largest} is the error of float32`);
});

/** Products with ones of rows that have one number each: what is left of a number that lay in half a word. */
async function stored(values: readonly number[]): Promise<number[]> {
  const width = 4;
  const [x, ones] = [input("x", [values.length, width]), input("ones", [width, width])];
  const program = counted({ x, ones }, [{ name: "y", value: x.mul(2).matmul(ones) }]);
  const rows = values.flatMap((value) => [value / 2, ...new Array<number>(width - 1).fill(0)]);
  const loaded = await ran(halves, program, { x: rows, ones: new Array<number>(width * width).fill(1) });
  assert.ok(stores(loaded, "f16"));
  return [...loaded.read("y", 0)].filter((_, i) => i % width === 0);
}

test("numbers are rounded to the nearest float16, those beyond it are infinite, and a NaN is one", async () => {
  const values = [1 + 2 ** -11, 1 + 3 * 2 ** -11, -(1 + 2 ** -10), 2 ** -14, 65504, 65519, 65521, -65521, 1e30, NaN];
  const rounded = [1, 1 + 2 ** -9, -(1 + 2 ** -10), 2 ** -14, 65504, 65504, Infinity, -Infinity, Infinity, NaN];
  assert.deepEqual(await stored([...values, Infinity, -Infinity]), [...rounded, Infinity, -Infinity]);
});

test("a value that takes a word each does not take the place of one that takes half", async () => {
  const batch = 4;
  const [x, ones] = [input("x", [batch, 2]), input("ones", [2, 1])];
  const activation = x.matmul(ones);
  // Of a value and its sum, the value keeps 32 bits; four of either kind fill the least that a value takes.
  const normalized = activation.div(activation.sum(0));
  const program = counted({ x, ones }, [
    { name: "sum", value: normalized.sum() },
    { name: "copies", value: normalized.matmul(ones.transpose()) },
  ]);
  // Threads take turns: the second begins when the first has written.
  const few = new WebgpuEngine({ gpu: testGpu, threads: 2, storage: "float16", block: 0 });
  const loaded = await ran(few, program, { x: [1, 0, 2, 0, 4, 0, 1, 0], ones: [1, 1] });
  assert.ok(stores(loaded, "f16"));
  assert.deepEqual([...loaded.read("copies", 0)], [0.125, 0.125, 0.25, 0.25, 0.5, 0.5, 0.125, 0.125]);
  assert.equal(loaded.read("sum", 0)[0], 1);
  await few.dispose();
});

test("what is computed once, without a state, is float32", async () => {
  const [x, w] = [input("x", [16, 8]), input("w", [8, 8])];
  const inputs = [x, w].map((tensor, i) => ({ name: i ? "w" : "x", tensor, scope: "member" as const }));
  const y = x.mul(2).matmul(w).tanh().matmul(w);
  const random = generator(3);
  const start = { x: random.values("f32", x.size), w: random.values("f32", w.size) };
  const loaded = await ran(halves, { inputs, updates: [], outputs: [{ name: "y", value: y }] }, start);
  assert.ok(!stores(loaded, "f16") && !stores(loaded, "bf16"));
});

test("gradients of activations keep the range of float32", async () => {
  const [batch, width] = [32, 8];
  const scale = 2 ** -60;
  const x = input("x", [batch, width]);
  const weights = [0, 1].map((i) => input(`w${i}`, [width, width]));
  const { value, gradient } = valueAndGrad((parameters: typeof weights) =>
    x.matmul(parameters[0]!).tanh().matmul(parameters[1]!).square().mean().mul(scale),
  )(weights);
  const program: Program = {
    inputs: [x, ...weights].map((tensor, i) => ({ name: i ? `w${i - 1}` : "x", tensor, scope: "member" as const })),
    updates: weights.map((_, i) => ({ input: `w${i}`, value: gradient[i]!.div(scale) })),
    outputs: [{ name: "loss", value }],
  };
  const random = generator(5);
  const start = Object.fromEntries(program.inputs.map(({ name, tensor }) => [name, random.values("f32", tensor.size)]));
  const loaded = await ran(halves, program, start);
  assert.ok(stores(loaded, "f16") && stores(loaded, "bf16"));
  const reference = new Interpreter(program, start).run(1);
  for (const name of ["w0", "w1"]) {
    const expected = reference.read(name);
    const largest = Math.max(...Array.from(expected, Math.abs));
    loaded.read(name, 0).forEach((found, i) => {
      const error = Math.abs(found - expected[i]!);
      // A gradient of the output and one of the hidden layer are rounded on the way, and activations; larger terms may cancel.
      assert.ok(error <= 4 * BF16_ERROR * largest, `${name}[${i}]: ${found}, not ${expected[i]}`);
    });
  }
});

for (const [name, on, seeds] of [
  ["at once", halves, [2]],
  ["block by block", inBlocks, [5, 16]],
] as const) {
  test(`three steps of Adam, ${name}`, async (context) => {
    const { program, start } = adamTraining({ widths: [3, 8, 2, 8, 3], batch: 32, data: "shared" });
    const steps = 3;
    const loaded = await ran(on, program, start, steps);
    context.diagnostic(`block ${loaded.program.block}, ${JSON.stringify(loaded.program.work)}`);
    assert.ok(stores(loaded, "f16") && stores(loaded, "bf16"));
    const reference = new Interpreter(program, start).run(steps);
    const loss = reference.read("loss")[0]!;
    // Three hidden layers and the data are rounded, each of which the loss is quadratic in.
    assert.ok(Math.abs(loaded.read("loss", 0)[0]! / loss - 1) < 2 * 4 * F16_ERROR);
    // Moments are sums of gradients; a parameter that moves another way in a step is still where it was to 10⁻³.
    for (const { input: state } of program.updates.filter(({ input: one }) => one.endsWith(".m"))) {
      const expected = reference.read(state);
      const largest = Math.max(...Array.from(expected, Math.abs));
      loaded.read(state, 0).forEach((value, i) => {
        const error = Math.abs(value - expected[i]!);
        assert.ok(error <= 4 * BF16_ERROR * largest, `${state}[${i}]: ${value}, not ${expected[i]}`);
      });
    }
  });

  for (const seed of seeds) {
    test(`random network ${seed}, ${name}`, async (context) => {
      const { program, start } = randomNetwork(seed, 24);
      if (largestValue(program, start) > 1000) return context.skip("its values cancel");
      const loaded = await ran(on, program, start);
      assert.ok(stores(loaded, "f16"));
      const reference = new Interpreter(program, start).run(1);
      const layers = 10;
      for (const state of ["loss", ...program.updates.map((update) => update.input)]) {
        const expected = reference.read(state);
        loaded.read(state, 0).forEach((value, i) => {
          const error = Math.abs(value - expected[i]!) / (1 + Math.abs(expected[i]!));
          assert.ok(error < layers * F16_ERROR, `${state}[${i}]: ${value}, expected ${expected[i]}`);
        });
      }
    });
  }
}

test("the same numbers whether halves lie near the threads or in storage", async () => {
  const { program, start } = adamTraining({ widths: [3, 8, 2, 8, 3], batch: 32, data: "shared" });
  const inStorage = new WebgpuEngine({ ...common, storage: "float16", block: 0, workgroupBytes: 2600 });
  const [near, far] = [await ran(halves, program, start, 2), await ran(inStorage, program, start, 2)];
  assert.match(far.program.code, /arena\[.*\] = packed_f16/);
  for (const { input: state } of program.updates) assert.deepEqual(far.read(state, 0), near.read(state, 0));
  await inStorage.dispose();
});

/** A regression on some of the data in each step. */
function regression(on: WebgpuEngine, checkpoint?: string) {
  const [points, batch] = [128, 16];
  const x = generator(6).values("f32", points);
  return train({
    members: grid({ learningRate: [0.01, 0.03], seed: seedsOf(2) }),
    init: ({ key }) => mlp([1, 8, 1]).init(key),
    loss: (parameters, { key, data }) => {
      const rows = key
        .bits([batch])
        .and(points - 1)
        .cast("i32");
      const [own, target] = [data.x.take(rows), data.y.take(rows)];
      return mlp([1, 8, 1])
        .apply(parameters, own.reshape([batch, 1]))
        .sub(target.reshape([batch, 1]))
        .square()
        .mean();
    },
    optimizer: ({ learningRate }) => adam({ learningRate }),
    data: {
      x: { shape: [points], data: Float32Array.from(x) },
      y: { shape: [points], data: Float32Array.from(x, Math.sin) },
    },
    steps: 60,
    points: 12,
    engine: on,
    ...(checkpoint !== undefined && { checkpoint }),
  });
}

test("a training learns what it does in float32, says what it stored, and goes on from a checkpoint with the same bits", async (context) => {
  const checkpoint = join(await temporaryFolder(context), "training.checkpoint");
  const [whole, exact] = [await regression(halves).finished, await regression(float32).finished];
  assert.equal(whole.engine.precision, "float32, stored as float16");
  assert.equal(exact.engine.precision, "float32");
  const [losses, expected] = [whole, exact].map((run) => run.curve("loss")!.values);
  assert.notDeepEqual(losses, expected);
  losses!.forEach((loss, i) =>
    assert.ok(Math.abs(loss - expected![i]!) < 0.02 * (0.1 + expected![i]!), `${loss} at ${i}`),
  );
  const stopped = regression(halves, checkpoint);
  stopped.onChange(() => {
    if (stopped.progress.step > 10) stopped.stop();
  });
  await stopped.finished;
  assert.equal(stopped.progress.state, "stopped");
  await assert.rejects(
    regression(float32, checkpoint).finished,
    /precision \(float32, stored as float16, not float32\)/,
  );
  const resumed = await regression(halves, checkpoint).finished;
  assert.deepEqual(resumed.curve("loss"), whole.curve("loss"));
  assert.deepEqual(resumed.parameters(3), whole.parameters(3));
});

suite("data in halves", () => {
  const shared = (length: number) => {
    const x = input("x", [length]);
    return {
      inputs: [{ name: "x", tensor: x, scope: "shared" as const }],
      updates: [],
      outputs: [{ name: "sum", value: x.sum() }],
    };
  };

  test("take half the memory, and are read back rounded", async () => {
    const loaded = (await halves.load(shared(1001), { members: 1 })) as WebgpuProgram;
    assert.ok(loaded.program.sharedBytes < 0.55 * 4 * 1001, `${loaded.program.sharedBytes} bytes`);
    loaded.write(
      "x",
      Float32Array.from({ length: 1001 }, (_, i) => (i === 1000 ? 0.1 : 1)),
    );
    await loaded.run(1);
    assert.equal(loaded.read("x")[1000], 0.0999755859375);
    assert.equal(loaded.read("sum", 0)[0], Math.fround(1000 + 0.0999755859375));
  });

  test("beyond float16 are refused, with what to do", async () => {
    const loaded = await halves.load(shared(8), { members: 1 });
    assert.throws(() => loaded.write("x", [0, 0, 70000, 0, 0, 0, 0, 0]), {
      name: "RangeError",
      message: /Value 2 of the shared input "x" is 70000, but float16 ends at 65504.*engine: "webgpu"/,
    });
  });
});

test("an engine that stores no halves is told from one that does", () => {
  assert.equal(engine("webgpu-float16").precision, "float32, stored as float16");
  assert.equal(engine("webgpu").precision, "float32");
  assert.throws(() => engine("cpu-float16"), /no engine "cpu-float16".*Only "webgpu-float16" stores values as float16/);
  assert.throws(() => new WebgpuEngine({ storage: "float8" as never }), /as float32 or float16, not as float8/);
});
