/** Chains on the GPU, whose draws are kept while the next ones are computed: none is lost, none comes twice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CpuEngine, WebgpuEngine } from "../../src/engines/index.js";
import { grid, seeds } from "../../src/ensemble/index.js";
import { metropolis, sample } from "../../src/inference/index.js";
import { scalar, type Tensor } from "../../src/tensor/index.js";
import { faultyGpu } from "../engines/webgpu/faulty-gpu.js";

/** Chains of a Gaussian on a GPU of their own; `pairs`: two numbers of a draw are observed, too, which do not lie close together. */
function gaussian(drawsPerCall: number, pairs = true) {
  const { gpu, devices } = faultyGpu({});
  const engine = new WebgpuEngine({ gpu, threads: 32 });
  const run = sample({
    chains: grid({ width: [0.5, 2], seed: seeds(2) }),
    init: () => scalar(0),
    kernel: ({ width }) =>
      metropolis({
        action: (x) => x.div(width).square().mul(0.5),
        propose: (x, key) => x.add(key.uniform([], -1, 1).mul(width)),
      }),
    observe: (x) => ({ x, ...(pairs && { pair: x.broadcast([2]) }) }),
    draws: 60,
    warmup: 7,
    drawsPerCall,
    engine,
  });
  return { run, engine, devices };
}

/** All that chains end with. */
const contentsOf = ({ run }: ReturnType<typeof gaussian>) => ({
  observables: run.observables,
  acceptance: run.acceptanceRate,
  states: run.states,
});

/** Chains that are never asked for anything before they have ended. */
async function undisturbed(drawsPerCall: number, pairs = true) {
  const chains = gaussian(drawsPerCall, pairs);
  await chains.run.finished;
  await chains.engine.dispose();
  return contentsOf(chains);
}

test("are the same in any blocks, also where a device is lost in the middle", async () => {
  const expected = await undisturbed(67);
  assert.ok(expected.observables.x.data.every(Number.isFinite));
  assert.deepEqual(await undisturbed(5), expected);
  const { x, accepted, energyError } = expected.observables;
  assert.deepEqual((await undisturbed(5, false)).observables, { x, accepted, energyError });
  const lost = gaussian(9);
  lost.run.onChange(() => {
    if (lost.run.progress.step > 20 && lost.devices.length === 1) lost.devices[0]!.destroy();
  });
  await lost.run.finished;
  assert.equal(lost.devices.length, 2);
  assert.deepEqual(contentsOf(lost), expected);
  await lost.engine.dispose();
});

test("are watched block by block, and what is not drawn yet is no number", async () => {
  const expected = await undisturbed(67);
  const chains = gaussian(10);
  const { run } = chains;
  const steps: number[] = [];
  run.onChange(() => {
    const { step, state } = run.progress;
    if (state !== "running") return;
    steps.push(step);
    for (const chain of [0, 3]) {
      const [x, all] = [run.observables.x.of(chain), expected.observables.x.of(chain)];
      assert.deepEqual(
        x,
        Float64Array.from(all, (value, i) => (i < step ? value : NaN)),
      );
    }
  });
  await run.finished;
  assert.deepEqual(steps, [0, 3, 13, 23, 33, 43, 53, 60]);
  await chains.engine.dispose();
});

test("are stopped after the block that is being computed", async () => {
  const expected = await undisturbed(67);
  const chains = gaussian(10);
  const { run } = chains;
  run.onChange(() => {
    if (run.progress.step >= 13) run.stop();
  });
  await run.finished;
  const { step, state } = run.progress;
  assert.deepEqual([step, state, run.state(2)], [23, "stopped", "stopped"]);
  const { x } = run.observables;
  const kept = Float64Array.from(expected.observables.x.of(2), (value, i) => (i < step ? value : NaN));
  assert.deepEqual(x.of(2), kept);
  await chains.engine.dispose();
});

test("those of the CPU have no numbers where they were not drawn, whoever asks when", async () => {
  const engine = new CpuEngine({ threads: 1 });
  const run = sample({
    chains: grid({ seed: seeds(3) }),
    init: () => scalar(0),
    kernel: () =>
      metropolis({ action: (x: Tensor) => x.square(), propose: (x: Tensor, key) => x.add(key.uniform([], -1, 1)) }),
    observe: (x) => ({ x }),
    draws: 40,
    drawsPerCall: 10,
    engine,
  });
  run.onChange(() => {
    if (run.progress.step === 20) run.stop();
  });
  await run.finished;
  for (const chain of [0, 2]) {
    const { x } = run.observables;
    assert.ok(x.of(chain).subarray(0, 20).every(Number.isFinite));
    assert.ok(x.of(chain).subarray(20).every(Number.isNaN));
  }
  await engine.dispose();
});
