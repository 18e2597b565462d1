import { type Figure, figure } from "../../src/figures/index.js";
import { designed } from "./designed.js";

const OPTIMIZERS = [
  "plain gradient descent",
  "momentum",
  "Adam with decoupled weight decay",
  "シグモイド関数のネットワーク",
];
const PHASES = ["does not learn at all", "memorises", "generalises late", "generalises", "confused", "oscillates"];

/** Names and titles longer than anybody should write, and a phase that a member of each state is in. */
export function crowded(): Figure {
  const grid = designed({
    hyperparameters: { optimizer: [0, 1, 2, 3], depth: [0, 1, 2, 3], rate: [5e-5, 1.58e-4, 5e-4, 1.58e-3, 5e-3] },
    metrics: {
      phase: ({ optimizer = 0, depth = 0 }) => (optimizer + depth) % PHASES.length,
      loss: ({ optimizer = 0, depth = 0 }) => 1 + optimizer + depth,
    },
    categories: { phase: PHASES, optimizer: OPTIMIZERS, depth: OPTIMIZERS },
  });
  const steps = [1, 10, 100];
  const values = Array.from({ length: grid.members }, (_, member) => steps.map((step) => 1 / step + member)).flat();
  const source = { ...grid, curve: () => ({ steps, values }) };
  source.states.set([1, 2, 3, 4, 5]);
  const long = "The fraction of networks with four hidden layers that learn to add modulo 97, by optimizer and depth";
  return figure(source, {
    title: `${long}, and what their representations look like once they do, for ${long.toLowerCase()}`,
    views: [
      { type: "phase-diagram", x: "optimizer", y: "depth", color: "phase", title: long },
      { type: "phase-diagram", x: "depth", y: "optimizer", color: "loss", facet: "optimizer" },
      { type: "phase-diagram", x: "rate", y: "depth", color: "loss", facet: "optimizer" },
      {
        type: "curves",
        metric: "loss",
        color: "phase",
        title: "Pneumonoultramicroscopicsilicovolcanoconiosis".repeat(3),
      },
      { type: "curves", metric: "loss", color: "optimizer", band: "depth", yLabel: "loss of all networks that remain" },
      { type: "latent-space", colorCategories: PHASES, colorLabel: "phase", xLabel: long },
      { type: "histogram", columns: ["loss", "phase"], title: long },
    ],
    latent: {
      points: Float32Array.from({ length: 2 * source.members * 50 }, (_, i) => Math.sin(i * i)),
      color: new Float32Array(50),
    },
  });
}
