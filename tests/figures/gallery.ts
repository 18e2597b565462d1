import { type Figure, curves, histogram, images, latentSpace, phaseDiagram } from "../../src/figures/index.js";
import type { LatentPoints } from "../../src/figures/index.js";
import { designed } from "./designed.js";
import { SampleEnsemble, sampleFigure } from "./sample.js";

/** A figure of every view, in the ways in which views differ most, with something chosen; all are complete. */
export async function gallery(): Promise<Record<string, Figure>> {
  const source = new SampleEnsemble("gallery").advance(1000);
  const all = {
    together: sampleFigure(source),
    "phase-diagram": phaseDiagram(source, { x: "learningRate", y: "seed", color: "loss" }),
    phases: namedPhases(),
    facets: phaseDiagram(slabs(), { x: "x", y: "y", color: "loss", facet: "depth", boundaries: [1.2] }),
    curves: curves(source, { metric: "loss", band: "seed" }),
    "latent-space": latentSpace(source, source.latent(), { colorLabel: "error", colorScale: "log" }),
    "latent-cloud": latentSpace(designed({ hyperparameters: { seed: [0] }, metrics: { loss: () => 1 } }), spiral()),
    "latent-categories": await latentTraining(),
    "latent-density": latentSpace(designed({ hyperparameters: { seed: [0] }, metrics: { loss: () => 1 } }), rings()),
    histogram: histogram(source, { columns: ["loss", "seed"] }),
    images: images(slabs(), waves(8 * 8 * 4)),
  };
  for (const shown of [all.together, all["phase-diagram"]]) shown.select([61, 22]);
  return all;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

function namedPhases(): Figure {
  const phases = ["frozen", "chaotic", "trainable"];
  const source = designed({
    hyperparameters: { sigma: range(24).map((i) => 0.5 + i / 10), depth: range(16) },
    metrics: { phase: ({ sigma = 0, depth = 0 }) => (sigma < 1 + depth / 40 ? 0 : sigma > 2.4 - depth / 16 ? 1 : 2) },
    categories: { phase: phases },
  });
  return phaseDiagram(source, { x: "sigma", y: "depth", color: "phase", boundaries: [] });
}

const slabs = () =>
  designed({
    hyperparameters: { x: range(8), y: range(8), depth: [1, 2, 4, 8] },
    metrics: { loss: ({ x = 0, y = 0, depth = 1 }) => 0.4 + Math.hypot(x - 4, y - depth) / 3 },
  });

/** Three arms of a spiral that part during a training. */
function latentTraining(): Promise<Figure> {
  const source = new SampleEnsemble("arms");
  const arms = (opened: number): LatentPoints => {
    const points = Float32Array.from({ length: 2 * 96 * 300 }, (_, i) => {
      const row = (i >> 1) % 300;
      const angle = (opened * 2 * Math.PI * (row % 3)) / 3 + row / 100;
      return (row / 300) * (i % 2 ? Math.sin(angle) : Math.cos(angle));
    });
    return { points, color: Float32Array.from({ length: 300 }, (_, row) => row % 3) };
  };
  const shown = latentSpace(source, () => arms(source.progress.step / 1000), {
    colorLabel: "arm",
    colorCategories: ["first arm", "second", "third"],
  });
  for (const step of [300, 1000]) source.advance(step);
  return shown.complete();
}

function spiral(): LatentPoints {
  const points = Float32Array.from({ length: 3 * 4000 }, (_, i) => {
    const t = Math.floor(i / 3) / 4000;
    return [Math.cos(40 * t) * t, Math.sin(40 * t) * t, 2 * t - 1][i % 3] ?? 0;
  });
  return { points, dimensions: 3, color: Float32Array.from({ length: 4000 }, (_, i) => i) };
}

function rings(): LatentPoints {
  const count = 150_000;
  const points = Float32Array.from({ length: 2 * count }, (_, i) => {
    const row = i >> 1;
    const radius = 1 + (row % 5) + 0.3 * Math.sin(row * 0.7);
    return radius * (i % 2 ? Math.sin(row) : Math.cos(row));
  });
  return { points, color: Float32Array.from({ length: count }, (_, row) => row % 5) };
}

const waves = (members: number) => ({
  of: "members" as const,
  shape: [members, 12, 12],
  pixels: Float32Array.from(
    { length: members * 144 },
    (_, i) => Math.sin(i / 12) * Math.cos((i % 144) / (1 + (i >> 10))),
  ),
});
