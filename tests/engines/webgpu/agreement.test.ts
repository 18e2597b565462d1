/**
 * Engines agree in distribution: what A1, A8 and the lattice measure, by two-sample tests of independent members. Each
 * engine has seeds of its own; a control that differs a little is told apart by the same test.
 */
import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { CpuEngine, type Engine, ReferenceEngine, TensorflowEngine, WebgpuEngine } from "../../../src/engines/index.js";
import {
  adam,
  autoencoder,
  evaluate,
  grid,
  hmc,
  mlp,
  ones,
  phi4Action,
  phi4Gradient,
  sample,
  seeds,
  type Tensor,
  train,
} from "../../../src/index.js";
import { testGpu } from "../../support/software-gpu.js";

const cpu = new CpuEngine({ threads: 1 });
const gpu = new WebgpuEngine({ gpu: testGpu, threads: 64 });
after(() => Promise.all([cpu.dispose(), gpu.dispose()]));

const ENGINES: readonly Engine[] = [gpu, new ReferenceEngine(), new TensorflowEngine()];
const MEMBERS = 120;
/** A test of engines that agree fails once in a thousand choices of seeds; those here are fixed. */
const LEVEL = 1e-3;

type Measure = (engine: Engine, firstSeed: number, change?: number) => Promise<ArrayLike<number>>;

/** Losses after a short training on points of the sphere; `change`: factor of the learning rate. */
const sphereLosses: Measure = async (engine, firstSeed, change = 1) => {
  const net = autoencoder([3, 6, 2, 6, 3]);
  const run = train({
    members: grid({ seed: seeds(MEMBERS, firstSeed) }),
    init: ({ key }) => net.init(key),
    loss: (parameters, { key }) => {
      const normal = key.normal([8, 3]);
      const x = normal.div(normal.square().sum(1).sqrt().reshape([8, 1]));
      return net.reconstruct(parameters, x).sub(x).square().mean();
    },
    optimizer: () => adam({ learningRate: 0.01 * change }),
    steps: 20,
    points: 2,
    engine,
  });
  await run.finished;
  const { values, steps } = run.curve("loss")!;
  return Array.from({ length: MEMBERS }, (_, member) => values[(member + 1) * steps.length - 1]!);
};

/** Sizes of the last layer of random networks; `change`: factor of the weights' variance. */
const kernels: Measure = async (engine, firstSeed, change = 1) => {
  const { data } = await evaluate({
    members: grid({ seed: seeds(MEMBERS, firstSeed) }),
    compute: ({ key }) => {
      const net = mlp([5, 5, 5, 5], "tanh", { weightVariance: 1.5 * change, biasVariance: 0 });
      return net
        .preactivations(net.init(key), ones([1, 5]))
        .at(-1)!
        .square()
        .mean()
        .log();
    },
    engine,
  });
  return data;
};

/** Mean squares of the field at the ends of chains; `change`: factor of the coupling. */
const meanSquares: Measure = async (engine, firstSeed, change = 1) => {
  const couplings = { massSquared: -1, coupling: 4 * change };
  const run = sample({
    chains: grid({ seed: seeds(MEMBERS, firstSeed) }),
    init: ({ key }) => key.normal([4, 4]).mul(0.3),
    kernel: () =>
      hmc({
        action: (field: Tensor) => phi4Action(field, couplings),
        gradient: (field: Tensor) => phi4Gradient(field, couplings),
        stepSize: 0.15,
        steps: 5,
      }),
    observe: (field) => ({ meanSquare: field.square().mean() }),
    draws: 15,
    drawsPerCall: 15,
    engine,
  });
  await run.finished;
  const { meanSquare } = run.observables;
  return Array.from({ length: MEMBERS }, (_, chain) => meanSquare.data[(chain + 1) * 15 - 1]!);
};

for (const [name, measure, change] of [
  ["A1: losses of autoencoders", sphereLosses, 0.6],
  ["A8: kernels of random networks", kernels, 1.8],
  ["φ⁴: mean squares of sampled fields", meanSquares, 3],
] as const) {
  suite(name, () => {
    const expected = measure(cpu, 0);
    for (const [i, engine] of ENGINES.entries()) {
      test(`on ${engine.name} as on cpu`, async () => {
        const first = 1000 * (i + 1);
        const p = sameDistribution(await expected, await measure(engine, first));
        const control = sameDistribution(await expected, await measure(cpu, first, change));
        assert.ok(p > LEVEL, `p = ${p}`);
        assert.ok(control < LEVEL, `the test sees no difference where there is one: p = ${control}`);
      });
    }
  });
}

/**
 * Probability that two samples of one distribution differ at least as much: Kolmogorov and Smirnov's test, in the limit of
 * large samples, with Stephens's correction (J. R. Stat. Soc. B 32, 115, 1970).
 */
function sameDistribution(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [a, b].map((sample) => Float64Array.from(sample).sort()) as [Float64Array, Float64Array];
  assert.ok([...x, ...y].every(Number.isFinite), "all values are finite");
  let distance = 0;
  for (let i = 0, j = 0; i < x.length && j < y.length;) {
    const value = Math.min(x[i]!, y[j]!);
    while (i < x.length && x[i]! <= value) i++;
    while (j < y.length && y[j]! <= value) j++;
    distance = Math.max(distance, Math.abs(i / x.length - j / y.length));
  }
  const root = Math.sqrt((x.length * y.length) / (x.length + y.length));
  const lambda = (root + 0.12 + 0.11 / root) * distance;
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += 2 * (-1) ** (k - 1) * Math.exp(-2 * k ** 2 * lambda ** 2);
  return Math.min(1, Math.max(0, sum));
}

test("the two-sample test has its level: equal distributions give p below 0.1 in a tenth of all trials", () => {
  let state = 12345;
  const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const trials = 2000;
  const samples = () => Array.from({ length: MEMBERS }, uniform);
  const small = Array.from({ length: trials }, () => sameDistribution(samples(), samples())).filter((p) => p < 0.1);
  assert.ok(Math.abs(small.length / trials - 0.1) < 0.03, `${small.length} of ${trials}`);
});
