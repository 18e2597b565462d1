/** A loss with a loop inside, trained by the threads of the CPU engine and by the reference. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CpuEngine, type Engine, ReferenceEngine } from "../../src/engines/index.js";
import { grid, seeds, train } from "../../src/ensemble/index.js";
import { adam } from "../../src/optimizers/index.js";
import { Key, scan, type Tensor, zeros } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

async function losses(engine: Engine, checkpointEvery?: number): Promise<Float64Array> {
  const xs = Key.of(5).normal([6, 9, 3]);
  const run = train({
    members: grid({ seed: seeds(3) }),
    steps: 10,
    points: 1,
    engine,
    init: ({ key }) => ({ w: key.fold(0).normal([5, 5]).mul(0.3), u: key.fold(1).normal([3, 5]).mul(0.3) }),
    loss: ({ w, u }) => {
      const step = (h: Tensor, x: Tensor) => ({ carry: h.matmul(w).add(x.matmul(u)).tanh() });
      const { carry } = scan(step, zeros([9, 5]), xs, checkpointEvery === undefined ? {} : { checkpointEvery });
      return carry.sub(0.3).square().mean();
    },
    optimizer: () => adam({ learningRate: 0.01 }),
  });
  await run.finished;
  await engine.dispose();
  return run.columns.find(({ name }) => name === "loss")!.values;
}

test("recurrent networks train alike on all engines, with checkpoints and without", async () => {
  const expected = await losses(new ReferenceEngine());
  assert.equal(new Set(expected).size, 3);
  for (const checkpointEvery of [undefined, 2]) {
    assertClose(await losses(new CpuEngine({ threads: 2 }), checkpointEvery), expected, { relative: 1e-5 });
  }
});
