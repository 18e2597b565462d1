import assert from "node:assert/strict";
import { test } from "node:test";
import { type Figure, figure, figureDifference, latentSpace } from "../../src/figures/index.js";
import { adam, autoencoder, constant, grid, logspace, seeds, train, uniformSphere } from "../../src/index.js";
import type { LatentSpaceView } from "../../src/protocol.js";
import { FigureModel } from "../../views/index.js";
import { SampleEnsemble } from "./sample.js";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const latentView = ({ payload }: Figure): LatentSpaceView => {
  const view = payload.views.find(({ type }) => type === "latent-space");
  assert.ok(view?.type === "latent-space");
  return view;
};

test("latent spaces are asked for while a training goes on, the earlier the more often, and at its end", async () => {
  const source = new SampleEnsemble();
  const asked: number[] = [];
  const shown = latentSpace(source, () => {
    asked.push(source.progress.step);
    return { points: new Float32Array(96 * 4).fill(source.progress.step), color: [1, 2] };
  });
  assert.deepEqual(asked, [], "before the training has begun");
  for (let step = 2; step <= 1000; step += 2) {
    source.advance(step);
    await turn();
  }
  await shown.complete();
  const due = Array.from({ length: 12 }, (_, i) => 2 * Math.ceil((1000 * ((i + 1) / 13) ** 2) / 2));
  assert.deepEqual(asked, [...due, 1000]);
  const model = new FigureModel(shown.payload);
  const frames = latentView(shown).frames ?? [];
  assert.deepEqual(
    frames.map(({ step }) => step),
    due,
  );
  for (const { step, points } of frames) assert.equal(model.array(points).values[0], step);
  assert.equal(model.array("latent").values[0], 1000);
});

test("the training does not wait for a slow answer, and a stored figure holds few points of the past", async () => {
  const source = new SampleEnsemble();
  const answers: (() => void)[] = [];
  const shown = latentSpace(source, async () => {
    await new Promise<void>((resolve) => answers.push(resolve));
    return { points: new Float32Array(2 * 96 * 2000).map((_, i) => i % 977) };
  });
  for (const step of [100, 400, 900]) {
    source.advance(step);
    await turn();
  }
  assert.equal(answers.length, 1);
  source.advance(1000);
  answers[0]?.();
  await turn();
  answers[1]?.();
  await shown.complete();
  assert.equal(answers.length, 2);
  const [frame, ...others] = latentView(shown).frames ?? [];
  assert.deepEqual([frame?.step, others.length, frame?.every], [100, 0, 12]);
  assert.ok(JSON.stringify(shown.payload).length < 3_000_000);
});

test("a function that fails is not called again, and its error reaches whoever waits", async () => {
  const source = new SampleEnsemble();
  let calls = 0;
  const shown = latentSpace(source, () => {
    calls += 1;
    throw new RangeError("no such layer");
  });
  const complete = assert.rejects(shown.complete(), /no such layer/);
  source.advance(500).advance(1000);
  await complete;
  assert.equal(calls, 1);
});

test("a real training is shown on the way, and ends as it does unwatched", async () => {
  const net = autoencoder([3, 8, 2, 8, 3], "tanh");
  const start = () =>
    train({
      members: grid({ learningRate: logspace(1e-3, 1e-2, 2), seed: seeds(2) }),
      steps: 400,
      init: ({ key }) => net.init(key),
      loss: (parameters, { key }) => {
        const x = uniformSphere(key, 32);
        return net.reconstruct(parameters, x).sub(x).square().sum(1).mean();
      },
      optimizer: ({ learningRate }) => adam({ learningRate }),
      engine: "cpu",
    });
  const run = start();
  const x = constant([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3]);
  const latent = async () => ({ points: (await run.evaluate((parameters) => net.encode(parameters, x))).data });
  const shown = await figure(run, { views: [{ type: "latent-space" }], latent }).complete();
  const model = new FigureModel(shown.payload);
  const frames = latentView(shown).frames ?? [];
  assert.ok(frames.length > 0, "asked on the way");
  const [first, last] = [frames[0]?.points ?? "", "latent"].map((name) => [...model.array(name).values]);
  assert.equal(first?.length, 4 * 3 * 2);
  assert.ok(first.every(Number.isFinite));
  assert.notDeepEqual(first, last);
  const { points } = await latent();
  const scale = Math.max(...points.map(Math.abs));
  assert.ok(last?.every((value, i) => Math.abs(value - points[i]!) < 1e-4 * scale));
  const again = start();
  await again.finished;
  assert.deepEqual(again.table().objects(), run.table().objects());

  const { arrays } = shown.payload;
  const without = Object.entries(arrays).filter(([name]) => !name.startsWith("latent@"));
  const other = { ...shown.payload, arrays: Object.fromEntries(without) };
  assert.deepEqual(
    figureDifference(shown.payload, other).filter(({ largest }) => largest > 0),
    [],
    "how far a machine was when it was asked is no difference",
  );
});
