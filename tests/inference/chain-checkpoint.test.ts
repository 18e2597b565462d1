/** Chains that are killed, stopped and watched. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { CpuEngine, ReferenceEngine } from "../../src/engines/index.js";
import { grid } from "../../src/ensemble/index.js";
import { killProcessAt } from "../support/kill-process-at.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { savedChains } from "./saved-chains.js";

const engine = new CpuEngine({ threads: 1 });
after(() => engine.dispose());

/** Everything that chains end with, but the time they took. */
const contents = ({ states, observables, acceptanceRate }: ReturnType<typeof savedChains>) => ({
  states,
  observables,
  acceptanceRate,
});

test("chains that are killed again and again end with the same bits", { timeout: 300_000 }, async (context) => {
  const file = join(await temporaryFolder(context), "chains.checkpoint");
  const expected = contents(await savedChains({ engine }).finished);
  for (const step of [1, 400, 900]) await killProcessAt(new URL("./saved-chains.js", import.meta.url), file, step);
  const resumed = savedChains({ engine, checkpoint: file });
  let first: number | undefined;
  resumed.onChange(() => (first ??= resumed.progress.step));
  assert.deepEqual(contents(await resumed.finished), expected);
  assert.ok(first! > 400 && first! < 2000, `resumed at draw ${first}`);
});

test("chains that were stopped go on, those that were finished are there at once", async (context) => {
  const file = join(await temporaryFolder(context), "chains.checkpoint");
  const run = savedChains({ engine, checkpoint: file });
  run.onChange(() => {
    if (run.progress.step > 100) run.stop();
  });
  await run.finished;
  assert.equal(run.progress.state, "stopped");
  const expected = contents(await savedChains({ engine }).finished);
  assert.deepEqual(contents(await savedChains({ engine, checkpoint: file }).finished), expected);
  const steps: number[] = [];
  const again = savedChains({ engine, checkpoint: file });
  again.onChange(() => steps.push(again.progress.step));
  assert.deepEqual(contents(await again.finished), expected);
  assert.ok(steps.every((step) => step === 2000));
});

suite("a checkpoint is refused", () => {
  test("of other chains, or where it is broken", async (context) => {
    const checkpoint = join(await temporaryFolder(context), "chains.checkpoint");
    await savedChains({ engine, checkpoint, draws: 20 }).finished;
    const refused = (overrides: Parameters<typeof savedChains>[0], message: RegExp) =>
      assert.rejects(savedChains({ engine, checkpoint, draws: 20, ...overrides }).finished, {
        name: "CheckpointError",
        message,
      });
    await refused({ draws: 30 }, /of another run of chains, with another number of draws \(20, not 30\)/);
    await refused({ warmup: 10, draws: 20 }, /another warm-up \(30, not 10\)/);
    await refused({ thin: 2 }, /another kernel, start, observable/);
    const chains = grid({ side: [3], massSquared: [0.5], seed: [0] });
    await refused({ chains }, /with other chains/);
    await refused({ engine: new ReferenceEngine() }, /precision \(float32, not float64\)/);
    const bytes = await readFile(checkpoint);
    await writeFile(checkpoint, bytes.subarray(0, bytes.length - 1));
    await refused({}, /truncated/);
    assert.equal((await readFile(checkpoint)).length, bytes.length - 1, "it is left as it is");
  });
});

test("draws can be streamed: all of them, once", async () => {
  const run = savedChains({ engine, draws: 95, drawsPerCall: 10 });
  const batches: number[] = [];
  const means: number[] = [];
  await run.stream(async ({ first, observables }) => {
    batches.push(first);
    assert.deepEqual(observables["corner"]!.shape.slice(2), [2, 2]);
    means.push(...observables["mean"]!.of(5));
    await new Promise(setImmediate);
  });
  assert.equal(batches[0], 0);
  assert.deepEqual(means, Array.from(run.observables.mean.of(5)));
});

test("a consumer's error is the stream's, not the chains'", async () => {
  const run = savedChains({ engine, draws: 20 });
  await assert.rejects(
    run.stream(() => {
      throw new Error("no more");
    }),
    /no more/,
  );
  assert.equal((await run.finished).progress.state, "finished");
});

test("chains whose observables have other shapes in other groups are refused", () => {
  assert.throws(() => savedChains({ observe: (field) => ({ mean: field.mean(), corner: field }) }), {
    name: "ShapeError",
    message: /chains with side = 4 record .*corner \[4, 4\].*side = 3 .*corner \[3, 3\]; all record the same/,
  });
});
