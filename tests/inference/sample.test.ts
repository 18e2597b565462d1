/** Markov chains against distributions that are known exactly. */
import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { inspect } from "node:util";
import { evaluate as interpret } from "../../src/compile/reference.js";
import { CpuEngine, ReferenceEngine } from "../../src/engines/index.js";
import { grid, MemberArray, seeds } from "../../src/ensemble/index.js";
import { hmc, leapfrog, metropolis, sample } from "../../src/inference/index.js";
import { phi4Action, phi4Gradient } from "../../src/physics/index.js";
import { effectiveSampleSize, integratedAutocorrelationTime, splitRHat } from "../../src/stats/index.js";
import { Key, scalar, type Tensor } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

const engine = new CpuEngine({ threads: 2 });
after(() => engine.dispose());

const chainsOf = (array: MemberArray) => Array.from({ length: array.shape[0]! }, (_, chain) => array.of(chain));

/** Asserts that the mean over all draws agrees with an exact value within 4.5 of its standard errors. */
function assertMean(array: MemberArray, exact: number, what: string, largestError: number) {
  const { mean, meanError } = integratedAutocorrelationTime(chainsOf(array));
  assert.ok(Math.abs(mean - exact) < 4.5 * meanError, `${what}: ${mean} ± ${meanError}, exact ${exact}`);
  assert.ok(meanError < largestError, `${what}: the error ${meanError} says little`);
}

suite("φ⁴ by hybrid Monte Carlo", () => {
  /** Chains of L² sites; the trajectory is shorter than half a period of the fastest mode. */
  const field = (side: number, massSquared: number, coupling: number, draws: number, gradient = true) =>
    sample({
      chains: grid({ seed: seeds(32) }),
      init: ({ key }) => key.normal([side, side]).mul(0.3),
      kernel: () => {
        const couplings = { massSquared, coupling };
        const written = { gradient: (phi: Tensor) => phi4Gradient(phi, couplings) };
        const action = (phi: Tensor) => phi4Action(phi, couplings);
        return hmc({ action, stepSize: 0.12, steps: 6, ...(gradient && written) });
      },
      observe: (phi) => ({
        square: phi.square().mean(),
        susceptibility: phi
          .mean()
          .square()
          .mul(side * side),
        quartic: phi.square().square().mean(),
        mode: slowestMode(phi),
      }),
      draws,
      warmup: 60,
      engine,
    });

  /** |φ̃(p)|² / V at the smallest momentum along the first axis. */
  const slowestMode = (phi: Tensor) => {
    const [length] = phi.shape;
    const angle = phi.indices(0, "f32").mul((2 * Math.PI) / length!);
    const [real, imaginary] = [angle.cos(), angle.sin()].map((wave) => wave.mul(phi).sum().square());
    return real!.add(imaginary!).div(phi.size);
  };

  test("the free field has its exact propagator, and ⟨e^−ΔH⟩ = 1", { timeout: 300_000 }, async () => {
    const [side, massSquared] = [8, 1];
    const { observables, acceptanceRate } = await field(side, massSquared, 0, 1000).finished;
    const momenta = Array.from({ length: side }, (_, k) => 4 * Math.sin((Math.PI * k) / side) ** 2);
    const propagator = (a: number, b: number) => 1 / (2 * (massSquared + a + b));
    const all = momenta.flatMap((a) => momenta.map((b) => propagator(a, b)));
    assertMean(observables.susceptibility, propagator(0, 0), "susceptibility", 0.01);
    assertMean(observables.mode, propagator(momenta[1]!, 0), "⟨|φ̃(p)|²⟩", 0.01);
    assertMean(observables.square, all.reduce((a, b) => a + b) / all.length, "⟨φ²⟩", 0.002);
    const { shape, data } = observables.energyError;
    const weights = new MemberArray(
      shape,
      data.map((difference) => Math.exp(-difference)),
    );
    assertMean(weights, 1, "⟨e^−ΔH⟩", 0.01);
    const acceptance = acceptanceRate.reduce((a, b) => a + b) / acceptanceRate.length;
    assert.ok(acceptance > 0.7 && acceptance < 0.999, `acceptance ${acceptance}`);
    assert.ok(splitRHat(chainsOf(observables.square)) < 1.01);
    assert.ok(effectiveSampleSize(chainsOf(observables.square)) > 3000);
  });

  test("one site has the moments of e^(−m²φ² − λφ⁴)", { timeout: 300_000 }, async () => {
    const [massSquared, coupling] = [-1, 0.8];
    const { observables } = await field(1, massSquared, coupling, 4000, false).finished;
    // On one periodic site the links vanish. Trapezoidal quadrature is exact to rounding here.
    const points = Array.from({ length: 2001 }, (_, i) => (i - 1000) / 200);
    const weight = (x: number) => Math.exp(-massSquared * x ** 2 - coupling * x ** 4);
    const moment = (power: number) =>
      points.reduce((sum, x) => sum + x ** power * weight(x), 0) / points.reduce((sum, x) => sum + weight(x), 0);
    assertMean(observables.square, moment(2), "⟨φ²⟩", 0.02);
    assertMean(observables.quartic, moment(4), "⟨φ⁴⟩", 0.03);
  });

  test("a trajectory comes back when its momenta are reversed, and loses energy as ε²", () => {
    const action = (phi: Tensor) => phi4Action(phi, { massSquared: -1, coupling: 0.5 });
    const start = { position: Key.of(1).normal([4, 4]), momentum: Key.of(2).normal([4, 4]) };
    const run = (from: typeof start, stepSize: number, steps: number) => leapfrog(from, { action, stepSize, steps });
    const there = run(start, 0.1, 7);
    const back = run({ position: there.position, momentum: there.momentum.neg() }, 0.1, 7);
    const [from, to, away] = interpret([start.position, back.position, there.position]);
    assertClose(to!, from!, { absolute: 1e-12 });
    assert.ok(Math.abs(away![0]! - from![0]!) > 0.1, "it went somewhere");
    const energy = ({ position, momentum }: typeof start) => action(position).add(momentum.square().sum().mul(0.5));
    const [e0, e1, e2] = interpret([start, run(start, 0.02, 20), run(start, 0.01, 40)].map(energy)).map((e) => e[0]!);
    assertClose([(e1! - e0!) / (e2! - e0!)], [4], { relative: 0.05 });
  });
});

suite("Metropolis on four Ising spins in a ring", () => {
  const beta = 0.4;
  const chains = 64;
  const draws = 4000;
  const run = () =>
    sample({
      chains: grid({ seed: seeds(chains) }),
      init: ({ key }) => key.uniform([4]).less(0.5).select(-1, 1),
      kernel: () =>
        metropolis({
          action: (spins: Tensor) => spins.mul(spins.roll(1)).sum().mul(-beta),
          propose: (spins: Tensor, key) => spins.mul(key.integers([], 4).oneHot(4).mul(-2).add(1)),
        }),
      observe: (spins) => ({ state: spins.greater(0).cast("f32").mul(iotaPowers(spins)).sum() }),
      draws,
      warmup: 50,
      engine,
    });
  const iotaPowers = (spins: Tensor) => spins.indices(0, "f32").mul(Math.LN2).exp();
  const energy = (state: number) => {
    const spins = [0, 1, 2, 3].map((bit) => ((state >> bit) & 1 ? 1 : -1));
    return -beta * spins.reduce((sum, spin, i) => sum + spin * spins[(i + 1) % 4]!, 0);
  };
  const states = Array.from({ length: 16 }, (_, state) => state);

  test("every state is as frequent as enumeration says, and flows balance", { timeout: 300_000 }, async () => {
    const { observables } = await run().finished;
    const norm = states.reduce((sum, state) => sum + Math.exp(-energy(state)), 0);
    const paths = chainsOf(observables.state).map((path) => path.map(Math.round));
    for (const state of states) {
      const hits = new Float64Array(chains * draws);
      paths.forEach((path, c) => path.forEach((at, i) => (hits[c * draws + i] = Number(at === state))));
      const chance = Math.exp(-energy(state)) / norm;
      assertMean(new MemberArray(observables.state.shape, hits), chance, `state ${state}`, 0.003);
    }
    const flow = new Float64Array(256);
    for (const path of paths) for (let i = 1; i < draws; i++) flow[16 * path[i - 1]! + path[i]!]!++;
    for (const a of states) {
      for (const b of states.filter((other) => other > a)) {
        const [there, back] = [flow[16 * a + b]!, flow[16 * b + a]!];
        const flips = [1, 2, 4, 8].includes(a ^ b);
        assert.equal(there > 0, flips, `${a} → ${b} is one spin's flip`);
        assert.ok(Math.abs(there - back) <= 5 * Math.sqrt(there + back), `${a} ⇄ ${b}: ${there}, ${back}`);
      }
    }
  });
});

suite("chains", () => {
  const gaussian = (overrides: object = {}) =>
    sample({
      chains: grid({ width: [0.5, 2], seed: seeds(2) }),
      init: () => scalar(0),
      kernel: ({ width }) =>
        metropolis({
          action: (x) => x.div(width).square().mul(0.5),
          propose: (x, key) => x.add(key.uniform([], -1, 1).mul(width)),
        }),
      observe: (x) => ({ x, pair: x.broadcast([2]) }),
      draws: 250,
      engine,
      ...overrides,
    });

  test("are the same bits in any block and at any number of threads, and the reference's draws", async () => {
    const run = await gaussian().finished;
    const blocks = await gaussian({ drawsPerCall: 7 }).finished;
    const reference = await gaussian({ draws: 40, engine: new ReferenceEngine() }).finished;
    assert.deepEqual(blocks.observables.x.data, run.observables.x.data);
    for (const chain of [0, 3])
      assertClose(run.observables.x.of(chain).subarray(0, 40), reference.observables.x.of(chain), { absolute: 1e-5 });
    assert.deepEqual(run.observables.pair.shape, [4, 250, 2]);
    assert.equal(run.observables.pair.data[2 * 7 + 1], run.observables.x.data[7]);
  });

  test("warm-up and thinning leave draws out", async () => {
    const all = (await gaussian({ draws: 90 }).finished).observables.x.of(1);
    const later = (await gaussian({ draws: 60, warmup: 30, drawsPerCall: 8 }).finished).observables.x.of(1);
    assert.deepEqual(later, all.slice(30));
    const thinned = (await gaussian({ draws: 30, thin: 3, drawsPerCall: 4 }).finished).observables;
    assert.deepEqual(
      thinned.x.of(1),
      all.filter((_, i) => i % 3 === 2),
    );
    assert.ok(thinned.accepted.data.some((share) => share > 0 && share < 1));
  });

  test("can be watched and stopped, and keep what was drawn", async () => {
    const run = gaussian({ draws: 1_000_000, drawsPerCall: 50 });
    run.onChange(() => {
      if (run.progress.step >= 100) run.stop();
    });
    await run.finished;
    const { step } = run.progress;
    assert.deepEqual([run.progress.state, run.state(0)], ["stopped", "stopped"]);
    assert.ok(
      run.observables.x.of(3).subarray(0, step).every(Number.isFinite) && Number.isNaN(run.observables.x.of(3)[step]),
    );
    assert.match(inspect(run), /^4 chains on cpu, stopped at draw \d+ of 1000000 \(stopped\)$/);
    assert.equal(run.curve("x")!.values.length, 4 * 1_000_000);
    assert.deepEqual(
      run.columns.map(({ name }) => name),
      ["width", "seed", "acceptanceRate"],
    );
  });

  test("misuse is refused by name", () => {
    assert.throws(() => gaussian({ draws: 0 }), /draws must be a positive integer, got 0/);
    assert.throws(() => gaussian({ warmup: -1 }), /warmup must be an integer that is not negative, got -1/);
    assert.throws(() => gaussian({ observe: (x: Tensor) => ({ accepted: x }) }), /cannot be called "accepted"/);
    assert.throws(() => gaussian({ observe: (x: Tensor) => ({ up: x.less(0) }) }), /observable "up" is bool/);
    assert.throws(() => hmc({ action: (x: Tensor) => x, stepSize: 1, steps: 0 }), /steps is a positive integer, got 0/);
  });
});
