/** What a live figure costs the training that it shows: the same ensemble with and without one, in a real JupyterLab. */
import type { Locator, Page } from "playwright-core";
import { cell, command, kernelIsIdle, startLab } from "../../tests/extension/lab.js";
import { type Row, lessIsBetter, median } from "../report.js";

const MEMBERS = { rates: 12, seeds: 8 };
const STEPS = 120;
/** Rounds of one training of each kind: at least so many, and then until the costs are known well enough or the time is spent. */
const ROUNDS = { least: 5, most: 9 };
const ROUNDS_FOR = 100_000;
/** Half a ratio's interval, as a share of it, that is well enough. */
const PRECISION = 0.04;

/** The ensemble of notebook A1, its views, and the latent spaces that follow it. */
const SETUP = `import { adam, autoencoder, constant, cosineDecay, fibonacciSphere, figure, grid, logspace, seeds, train, uniformSphere } from "phasebook";
const net = autoencoder([3, 64, 64, 2, 64, 64, 3], "tanh", { biasVariance: 0.1 });
const training = () =>
  train({
    members: grid({ learningRate: logspace(1e-4, 1e-1, ${MEMBERS.rates}), seed: seeds(${MEMBERS.seeds}) }),
    steps: ${STEPS},
    init: ({ key }) => net.init(key),
    loss: (parameters, { key }) => {
      const x = uniformSphere(key, 256);
      return net.reconstruct(parameters, x).sub(x).square().sum(1).mean();
    },
    optimizer: ({ learningRate, progress }) => adam({ learningRate: cosineDecay(progress).mul(learningRate) }),
  });
const points = fibonacciSphere(400);
const views = [
  { type: "phase-diagram", x: "learningRate", y: "seed", color: "loss" },
  { type: "curves", metric: "loss" },
  { type: "latent-space" },
];
const latent = (run) => async () => ({ points: (await run.evaluate((p) => net.encode(p, constant(points.data, points.shape)))).data });
await training().finished;
0`;

const timed = (show: string): string => `const start = performance.now();
const run = training();
${show}await run.finished;
performance.now() - start`;

const CELLS = {
  without: timed(""),
  diagram: timed("figure(run, { views: views.slice(0, 2) }).display();\n"),
  latent: timed("figure(run, { views, latent: latent(run) }).display();\n"),
};

/** Seconds of the training with a live figure beside those without one. */
export async function liveFigures(): Promise<Row[]> {
  const lab = await startLab();
  try {
    const sources = [SETUP, ...Object.values(CELLS)];
    await lab.writeNotebook(
      "live.ipynb",
      "phasebook",
      sources.map((source) => cell(source)),
    );
    const page = await lab.openPage("live.ipynb");
    await kernelIsIdle(page);
    await runCell(page, 0);
    const times = await inRounds(page);
    const name = `training of ${MEMBERS.rates * MEMBERS.seeds} autoencoders, ${STEPS} steps`;
    const alone = median(times.without);
    const row = (metric: string, figure: readonly number[]): Row => {
      const ratios = quotients(figure, times.without);
      const paired = lessIsBetter(name, metric, median(ratios) * alone, alone, "without a figure");
      return { ...paired, sure: `${intervalText(ratios)} times as long, ${ratios.length} interleaved rounds` };
    };
    return [row("live phase diagram and curves, s", times.diagram), row("live latent spaces as well, s", times.latent)];
  } finally {
    await lab.stop();
  }
}

type Times = Record<keyof typeof CELLS, number[]>;

/** Seconds of each kind, one after the other in every round, so that a change of the machine's speed meets all of them. */
async function inRounds(page: Page): Promise<Times> {
  const times: Times = { without: [], diagram: [], latent: [] };
  const names = Object.keys(CELLS) as (keyof typeof CELLS)[];
  const end = performance.now() + ROUNDS_FOR;
  for (let round = 0; round < ROUNDS.most; round++) {
    if (round >= ROUNDS.least && (performance.now() > end || areKnown(times))) break;
    for (const [index, name] of names.entries()) times[name].push((await runCell(page, index + 1)) / 1000);
  }
  return times;
}

const quotients = (figure: readonly number[], without: readonly number[]): number[] =>
  figure.map((time, round) => time / without[round]!);

/** The standard error of the median quotient, by the median deviation from it, which one disturbed round does not move. */
function errorOf(ratios: readonly number[]): number {
  const middle = median(ratios);
  return (1.253 * 1.483 * median(ratios.map((ratio) => Math.abs(ratio - middle)))) / Math.sqrt(ratios.length);
}

const areKnown = ({ without, diagram, latent }: Times): boolean =>
  [diagram, latent].every((figure) => {
    const ratios = quotients(figure, without);
    return errorOf(ratios) < PRECISION * median(ratios);
  });

const intervalText = (ratios: readonly number[]): string =>
  `${median(ratios).toFixed(2)} ± ${errorOf(ratios).toFixed(2)}`;

/** Runs one cell with its output in sight; answers with the number that it ends in. */
async function runCell(page: Page, index: number): Promise<number> {
  const shown: Locator = page.locator(".jp-Notebook .jp-CodeCell").nth(index);
  await shown.scrollIntoViewIfNeeded();
  await shown.locator(".jp-InputPrompt").click();
  await command(page, "notebook:run-cell");
  return Number(await shown.locator(".jp-OutputArea-executeResult pre").innerText());
}
