import { adam, type CpuEngine, type Engine, grid, mlp, seeds, type Tensor, train } from "../../src/index.js";

/** An ensemble of networks trained by Adam on a fixed batch; autoencoders where input and output have one width. */
export interface Case {
  readonly widths: readonly number[];
  readonly activation: "tanh" | "relu";
  readonly batch: number;
  readonly members: number;
  /**
   * Steps of one repetition: a tenth of a second to three. A step that writes to the members' memory for the first time, when the
   * system gives it page by page, takes up to ten times as long as another one.
   */
  readonly steps: number;
}

export const CASES: readonly Case[] = [
  { widths: [3, 64, 2, 64, 3], activation: "tanh", batch: 128, members: 256, steps: 60 },
  { widths: [3, 32, 2, 32, 3], activation: "tanh", batch: 64, members: 256, steps: 160 },
  { widths: [2, 64, 64, 1], activation: "tanh", batch: 128, members: 256, steps: 32 },
  { widths: [8, 100, 100, 100, 100, 100, 1], activation: "relu", batch: 128, members: 32, steps: 32 },
  { widths: [3, 64, 64, 2, 64, 64, 3], activation: "tanh", batch: 128, members: 96, steps: 40 },
];

export const nameOf = ({ widths, activation, batch, members }: Case): string =>
  `${members} × ${widths.join("-")}${activation === "relu" ? " ReLU" : ""}, batch ${batch}`;

/** Floating-point operations of a member's step: forward, and backward twice; a multiply-add counts two. */
export const flopsOf = ({ widths, batch }: Case): number =>
  6 * batch * widths.slice(1).reduce((sum, width, l) => sum + width * widths[l]!, 0);

/** Seconds that the training itself takes; tracing and compiling are left out, as for the peers. */
export async function trainOnce(engine: CpuEngine, one: Case): Promise<number> {
  const run = trainingOf(engine, one);
  await run.finished;
  return run.progress.elapsedSeconds;
}

export function trainingOf(engine: Engine, one: Case) {
  const { widths, activation, batch, members, steps } = one;
  const isAutoencoder = widths[0] === widths.at(-1);
  const middle = (widths.length - 1) / 2;
  const parts = isAutoencoder
    ? [mlp(widths.slice(0, middle + 1), activation), mlp(widths.slice(middle), activation)]
    : [mlp(widths, activation)];
  return train({
    members: grid({ seed: seeds(members) }),
    steps,
    points: 1,
    engine,
    data: { x: samples([batch, widths[0]!]) },
    init: ({ key }) => parts.map((part, i) => part.init(key.fold(i))),
    loss: (parameters, { data: { x } }) => {
      const y = parts.reduce<Tensor>((h, part, i) => part.apply(parameters[i]!, h), x);
      const target = isAutoencoder ? x : x.sum(1).reshape([batch, 1]);
      return y.sub(target).square().sum(1).mean();
    },
    optimizer: () => adam({ learningRate: 1e-3 }),
  });
}

/** Numbers of mean 0 and variance 1 that fill (−√3, √3) evenly. */
function samples(shape: readonly [number, number]): { shape: number[]; data: Float32Array } {
  const goldenRatio = (Math.sqrt(5) - 1) / 2;
  const data = Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => {
    return Math.sqrt(3) * (2 * ((i * goldenRatio) % 1) - 1);
  });
  return { shape: [...shape], data };
}
