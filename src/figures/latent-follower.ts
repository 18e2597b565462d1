import type { FigureSource, LatentPoints } from "./source.js";

/** Computes the latent spaces as they are at present. */
export type LatentFunction = () => LatentPoints | Promise<LatentPoints>;

/** How often the latent spaces are asked for while a training goes on, the earlier the more often. */
export const LATENT_MOMENTS = 12;

/**
 * Asks for the latent spaces of a training while it goes on, and once more when it has ended. The training does not wait: a
 * slow answer leaves moments out.
 */
export class LatentFollower {
  /** Resolves when the latent spaces of the training's end are known; rejects when a question failed. */
  readonly ended: Promise<void>;
  readonly #source: FigureSource;
  readonly #ask: LatentFunction;
  readonly #tell: (latent: LatentPoints, step: number) => void;
  #moment = 1;
  #asking = false;
  #end!: () => void;
  #fail!: (reason: unknown) => void;
  #over = false;

  constructor(source: FigureSource, ask: LatentFunction, tell: (latent: LatentPoints, step: number) => void) {
    this.#source = source;
    this.#ask = ask;
    this.#tell = tell;
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
  }

  /** The training has gone on, or has ended. */
  changed(): void {
    const { state, step, steps } = this.#source.progress;
    if (this.#asking || this.#over || state === "waiting") return;
    if (state === "failed") {
      this.#over = true;
      this.#end();
      return;
    }
    const ended = state !== "running";
    if (!ended && step < stepOf(this.#moment, steps)) return;
    while (this.#moment <= LATENT_MOMENTS && stepOf(this.#moment, steps) <= step) this.#moment += 1;
    void this.#question(step, ended);
  }

  async #question(step: number, ended: boolean): Promise<void> {
    this.#asking = true;
    try {
      this.#tell(await this.#ask(), step);
    } catch (error) {
      this.#over = true;
      this.#fail(error);
      return;
    }
    this.#asking = false;
    this.#over = ended;
    if (ended) this.#end();
    else this.changed();
  }
}

/** Networks change most at first: the moments are apart like the squares of whole numbers. */
const stepOf = (moment: number, steps: number): number => steps * (moment / (LATENT_MOMENTS + 1)) ** 2;
