/**
 * A training that saves itself after every chunk, for checkpoint.test.ts, which kills it: node saved-training.js FILE.
 * Says "step N" whenever N steps are done. Written for two widths, a member that diverges, and moments of Adam.
 */
import { fileURLToPath } from "node:url";
import type { Engine } from "../../src/engines/index.js";
import { grid, seeds, train, type TrainOptions } from "../../src/ensemble/index.js";
import { type DenseParameters, mlp } from "../../src/models/index.js";
import { adam } from "../../src/optimizers/index.js";

type Hyperparameters = "learningRate" | "width" | "seed";

export const savedTraining = (
  overrides: Partial<TrainOptions<DenseParameters[], Hyperparameters, "x", "width">> & { engine?: Engine } = {},
) =>
  train({
    members: grid({ width: [5, 8], learningRate: [0.01, 1e30], seed: seeds(2) }),
    structural: ["width"],
    data: { x: { shape: [2], data: Float32Array.of(0.5, -0.25) } },
    init: ({ key, width }) => mlp([2, width, 1]).init(key),
    loss: (parameters, { key, data, width }) => {
      const x = key.normal([16, 2]).add(data.x);
      return mlp([2, width, 1])
        .apply(parameters, x)
        .sub(x.square().sum(1).reshape([16, 1]))
        .square()
        .mean();
    },
    optimizer: ({ learningRate }) => adam({ learningRate }),
    steps: 3000,
    points: 50,
    ...overrides,
  });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const run = savedTraining({ checkpoint: { file: process.argv[2]!, everySeconds: 0 } });
  run.onChange(() => void process.stdout.write(`step ${run.progress.step}\n`));
  await run.finished;
}
