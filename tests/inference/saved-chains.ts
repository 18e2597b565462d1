/**
 * Chains that save themselves after every call, for chain-checkpoint.test.ts: node saved-chains.js FILE DRAWS is killed
 * when so many draws are done. Written for lattices of two sides, in groups of their own.
 */
import { fileURLToPath } from "node:url";
import { grid, seeds } from "../../src/ensemble/index.js";
import { hmc, sample, type SampleOptions } from "../../src/inference/index.js";
import { phi4Action } from "../../src/physics/index.js";
import type { Tensor } from "../../src/tensor/index.js";

type Hyperparameters = "side" | "massSquared" | "seed";
type Recorded = { readonly mean: Tensor; readonly corner: Tensor };

export const savedChains = (overrides: Partial<SampleOptions<Tensor, Hyperparameters, Recorded, "side">> = {}) =>
  sample<Tensor, Hyperparameters, Recorded, "side">({
    chains: grid({ side: [3, 4], massSquared: [0.5, 1], seed: seeds(2) }),
    structural: ["side"],
    init: ({ key, side }) => key.normal([side, side]),
    kernel: ({ massSquared }) =>
      hmc({ action: (field) => phi4Action(field, { massSquared, coupling: 0.2 }), stepSize: 0.2, steps: 5 }),
    observe: (field) => ({ mean: field.mean(), corner: field.slice([0, 0], [2, 2]) }),
    draws: 2000,
    warmup: 30,
    drawsPerCall: 10,
    ...overrides,
  });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file, draws] = process.argv.slice(2);
  const run = savedChains({ checkpoint: { file: file!, everySeconds: 0 } });
  // By itself, because another process might be too late.
  run.onChange(() => run.progress.step >= Number(draws) && process.kill(process.pid, "SIGKILL"));
  await run.finished;
}
