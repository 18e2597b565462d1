/** Trainings that are killed, and checkpoints that are not what they should be. */
import assert from "node:assert/strict";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, suite, test, type TestContext } from "node:test";
import { CpuEngine, ReferenceEngine } from "../../src/engines/index.js";
import { grid, type TrainingRun } from "../../src/ensemble/index.js";
import { sgd } from "../../src/optimizers/index.js";
import { killProcessAt } from "../support/kill-process-at.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { savedTraining } from "./saved-training.js";

const engine = new CpuEngine({ threads: 1 });
after(() => engine.dispose());

/** Everything that a run ends with, but the time it took. */
function contents(run: TrainingRun<unknown, "learningRate" | "width" | "seed", "width">) {
  const parameters = Array.from({ length: run.members }, (_, member) => run.parameters(member));
  const { states, divergedAt, columns, progress } = run;
  return { states, divergedAt, columns, parameters, curve: run.curve("loss"), message: progress.message };
}

const killAt = (step: number, file: string) =>
  killProcessAt(new URL("./saved-training.js", import.meta.url), file, step);

/** The checkpoint of a training that was stopped early. */
async function stoppedTraining(context: TestContext) {
  const file = join(await temporaryFolder(context), "training.checkpoint");
  const run = savedTraining({ engine, checkpoint: file });
  run.onChange(() => {
    if (run.progress.step > 100) run.stop();
  });
  await run.finished;
  return { file, run };
}

test("a training that is killed again and again ends with the same bits", { timeout: 300_000 }, async (context) => {
  const file = join(await temporaryFolder(context), "training.checkpoint");
  const expected = contents(await savedTraining({ engine }).finished);
  for (const step of [1, 700, 2000]) await killAt(step, file);
  const resumed = savedTraining({ engine, checkpoint: file });
  let first: number | undefined;
  resumed.onChange(() => (first ??= resumed.progress.step));
  assert.deepEqual(contents(await resumed.finished), expected);
  assert.ok(first! > 0 && first! < 3000, `resumed at step ${first}`);
  assert.match(expected.message!, /4 of 8 members diverged/);
});

test("a training that was stopped goes on, one that was finished is there at once", async (context) => {
  const { file, run: stopped } = await stoppedTraining(context);
  assert.equal(stopped.progress.state, "stopped");
  const expected = contents(await savedTraining({ engine }).finished);
  assert.deepEqual(contents(await savedTraining({ engine, checkpoint: file }).finished), expected);
  const steps: number[] = [];
  const again = savedTraining({ engine, checkpoint: file });
  again.onChange(() => steps.push(again.progress.step));
  assert.deepEqual(contents(await again.finished), expected);
  assert.ok(steps.every((step) => step === 3000));
  assert.deepEqual(await readdir(join(file, "..")), ["training.checkpoint"], "nothing else is left");
});

suite("a checkpoint is refused", () => {
  const refused = (overrides: Parameters<typeof savedTraining>[0], message: RegExp) =>
    assert.rejects(savedTraining({ engine, ...overrides }).finished, { name: "CheckpointError", message });

  test("of another training", async (context) => {
    const { file: checkpoint } = await stoppedTraining(context);
    await refused(
      { checkpoint, steps: 4000 },
      /another number of steps \(3000, not 4000\).* delete this one to start anew/,
    );
    await refused({ checkpoint, seed: 1 }, /another seed \(0, not 1\)/);
    await refused({ checkpoint, points: 10 }, /another number of points/);
    const members = grid({ width: [5], learningRate: [0.01], seed: [0] });
    await refused({ checkpoint, members }, /with other members/);
    const data = { x: { shape: [2], data: Float32Array.of(0.5, -0.5) } };
    await refused({ checkpoint, data }, /with other data\./);
    await refused({ checkpoint, optimizer: () => sgd({ learningRate: 1 }) }, /another model, loss, optimizer/);
    await refused({ checkpoint, divergesAbove: 1e6 }, /another model, loss, optimizer/);
    await refused({ checkpoint, engine: new ReferenceEngine() }, /precision \(float32, not float64\)/);
  });

  test("that is truncated, at any length", async (context) => {
    const { file: checkpoint } = await stoppedTraining(context);
    const bytes = await readFile(checkpoint);
    for (const length of [0, 10, 23, 25, 27, 60, 1000, bytes.length - 33, bytes.length - 1]) {
      await writeFile(checkpoint, bytes.subarray(0, length));
      await refused({ checkpoint }, /truncated|no checkpoint of Phasebook, or its beginning is lost/);
      assert.equal((await readFile(checkpoint)).length, length, "it is left as it is");
    }
  });

  test("with a flipped bit, anywhere", async (context) => {
    const { file: checkpoint } = await stoppedTraining(context);
    const bytes = await readFile(checkpoint);
    for (let at = 3; at < bytes.length; at += at < 3000 ? 97 : Math.ceil(bytes.length / 5)) {
      const broken = Buffer.from(bytes);
      broken[at]! ^= 4;
      await writeFile(checkpoint, broken);
      await refused({ checkpoint }, /corrupt|truncated|no checkpoint|version/);
    }
  });

  test("of another version, of another program, or where none can be", async (context) => {
    const folder = await temporaryFolder(context);
    const checkpoint = join(folder, "training.checkpoint");
    await writeFile(checkpoint, "PHASEBOOK CHECKPOINT 7\n…");
    await refused({ checkpoint }, /version 7 of the format; this Phasebook reads 1/);
    await writeFile(checkpoint, "import torch and something longer than the beginning");
    await refused({ checkpoint }, /is no checkpoint of Phasebook/);
    await refused({ checkpoint: join(folder, "nowhere", "a") }, /folder of the checkpoint .* does not exist/);
    assert.throws(() => savedTraining({ engine, checkpoint: { file: "a", everySeconds: NaN } }), /got NaN/);
  });
});

test("where no checkpoint can be written, the old one stays and the training goes on", async (context) => {
  const { file } = await stoppedTraining(context);
  const copy = `${file}.copy`;
  await copyFile(file, copy);
  await mkdir(`${file}.new`); // even root cannot write a file there
  const run = await savedTraining({ engine, checkpoint: { file, everySeconds: 0 } }).finished;
  assert.equal(run.progress.state, "finished");
  assert.match(run.progress.message!, /no checkpoint was written: .*EISDIR/);
  assert.deepEqual(await readFile(file), await readFile(copy));
});
