/**
 * A training that saves itself after every chunk, for checkpoint.test.ts: node saved-training.js FILE STEPS is killed
 * when so many steps are done. Written for two widths, a member that diverges, and moments of Adam.
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
  const [file, steps] = process.argv.slice(2);
  const run = savedTraining({ checkpoint: { file: file!, everySeconds: 0 } });
  // By itself, because another process might be too late.
  run.onChange(() => run.progress.step >= Number(steps) && process.kill(process.pid, "SIGKILL"));
  await run.finished;
}
