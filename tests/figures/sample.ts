import { MEMBER_STATES, type MemberState, type Progress } from "../../src/protocol.js";
import {
  type Figure,
  type FigureSource,
  type LatentPoints,
  type SourceColumn,
  type SourceCurves,
  figure,
} from "../../src/figures/index.js";

/**
 * An ensemble of the shape of notebook A1, made by formulas: 12 learning rates × 8 seeds, a loss that falls as a power
 * of the step to a floor that depends on both, one member that diverges, and clouds of points on a disc.
 */
export class SampleEnsemble implements FigureSource {
  readonly id: string;
  readonly rates = 12;
  readonly seeds = 8;
  readonly members = this.rates * this.seeds;
  readonly steps = 1000;
  readonly recorded = 100;
  readonly columns: SourceColumn[];
  readonly states = new Uint8Array(this.members);
  progress: Progress = { state: "waiting", step: 0, steps: this.steps, elapsedSeconds: 0 };
  readonly diverging = 93;
  readonly #loss = new Float64Array(this.members).fill(NaN);
  readonly #maximum = new Float64Array(this.members).fill(NaN);
  readonly #curveSteps = Float64Array.from({ length: this.recorded }, () => NaN);
  readonly #curves = new Float32Array(this.members * this.recorded).fill(NaN);
  readonly #listeners = new Set<() => void>();

  constructor(id = "sample") {
    this.id = id;
    this.columns = [
      {
        name: "learningRate",
        label: "learning rate",
        role: "hyperparameter",
        scale: "log",
        values: this.#learningRates(),
      },
      { name: "seed", role: "hyperparameter", scale: "linear", values: this.#each((member) => member % this.seeds) },
      { name: "loss", role: "metric", scale: "log", values: this.#loss },
      { name: "maxError", label: "largest error", role: "metric", scale: "linear", values: this.#maximum },
    ];
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  curve(): SourceCurves {
    return { steps: this.#curveSteps, values: this.#curves };
  }

  /** Moves the training to `step`, as if it had run until there. */
  advance(step: number): this {
    const last = Math.round((step / this.steps) * this.recorded);
    for (let point = 0; point < last; point++) this.#curveSteps[point] = ((point + 1) * this.steps) / this.recorded;
    for (let member = 0; member < this.members; member++) this.#train(member, last, step);
    const state = step >= this.steps ? "finished" : "running";
    this.progress = { state, step, steps: this.steps, elapsedSeconds: step * 0.0121, throughput: 7934 };
    for (const listener of this.#listeners) listener();
    return this;
  }

  /** The loss of a member after `step` steps. */
  loss(member: number, step: number): number {
    const rate = Math.floor(member / this.seeds) / (this.rates - 1);
    const luck = noise(member, 1) - 0.5;
    const floor = 10 ** (-2.6 + 3.2 * (rate - 0.68) ** 2 + 0.5 * luck + (rate > 0.85 ? 4 * (rate - 0.85) : 0));
    const time = 6 / 10 ** (0.6 + 1.5 * rate);
    const wiggle = 1 + 0.05 * Math.sin(step / 17 + member) + 0.06 * (noise(member, step) - 0.5);
    return (floor + 0.45 / (1 + (time * step) / 6) ** 1.1) * wiggle;
  }

  latent(points = 500): LatentPoints {
    const xy = new Float32Array(this.members * points * 2);
    const error = new Float32Array(this.members * points);
    for (let member = 0; member < this.members; member++) {
      const turn = 6.28 * noise(member, 2);
      const squeeze = 0.6 + 0.4 * noise(member, 3);
      for (let i = 0; i < points; i++) {
        const height = 1 - (2 * (i + 0.5)) / points;
        const angle = i * 2.399963 + turn;
        const radius = Math.tan(0.5 * Math.acos(height)) ** 0.55;
        const at = member * points + i;
        xy[2 * at] = radius * Math.cos(angle) + 0.25 * squeeze * height;
        xy[2 * at + 1] = squeeze * radius * Math.sin(angle) + 0.3 * Math.sin(2 * angle) * (1 - squeeze);
        error[at] = 0.004 + 1.9 * Math.exp(-22 * (1 + height)) + 0.01 * noise(i, member);
      }
    }
    return { points: xy, color: error };
  }

  #train(member: number, last: number, step: number): void {
    const divergesAt = member === this.diverging ? 0.42 * this.steps : Infinity;
    const name: MemberState = step >= divergesAt ? "diverged" : step >= this.steps ? "finished" : "running";
    this.states[member] = MEMBER_STATES.indexOf(name);
    this.#loss[member] = name === "diverged" ? NaN : this.loss(member, step);
    this.#maximum[member] = name === "diverged" ? NaN : 1.9 + 0.1 * noise(member, 4);
    for (let point = 0; point < last; point++) {
      const at = ((point + 1) * this.steps) / this.recorded;
      const blowUp = member === this.diverging && at > 300 ? 1.06 ** (at - 300) : 1;
      this.#curves[member * this.recorded + point] =
        at < divergesAt ? Math.min(9, this.loss(member, at) * blowUp) : NaN;
    }
  }

  #learningRates(): Float64Array {
    return this.#each((member) => 10 ** (-4 + (2.5 * Math.floor(member / this.seeds)) / (this.rates - 1)));
  }

  #each(value: (member: number) => number): Float64Array {
    return Float64Array.from({ length: this.members }, (_, member) => value(member));
  }
}

/** Diagram, curves and latent space of a sample, as notebook A1 shows them. */
export const sampleFigure = (source: SampleEnsemble): Figure =>
  figure(source, {
    title: "Autoencoders of the 2-sphere",
    views: [
      { type: "phase-diagram", x: "learningRate", y: "seed", color: "loss", title: "Final loss" },
      { type: "curves", metric: "loss" },
      { type: "latent-space", colorLabel: "reconstruction error", colorScale: "log" },
    ],
    latent: source.latent(),
  });

/** A number in [0, 1) that looks random and is the same every time. */
function noise(a: number, b: number): number {
  const x = Math.sin(a * 127.1 + b * 311.7 + 1.3) * 43758.5453;
  return x - Math.floor(x);
}
