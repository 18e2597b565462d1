import { type Engine, engine as engineOf } from "../engines/index.js";
import { type Grid, type MemberContext } from "../ensemble/index.js";
import type { Tensor } from "../tensor/index.js";
import { traceChains } from "./chain-program.js";
import { ChainRun } from "./chain-run.js";
import type { TransitionKernel } from "./transition.js";

/** Tensors that are recorded of every draw, by name. */
export type Observables = Readonly<Record<string, Tensor>>;

/** What is sampled, as the user writes it. */
export interface ChainDefinition<C, H extends string, O extends Observables> {
  /** The first configuration: a tree of tensors. */
  readonly init: (context: MemberContext<H>) => C;
  /** How chains move: `hmc(…)`, `metropolis(…)` or a transition of your own. */
  readonly kernel: (context: MemberContext<H>) => TransitionKernel<C>;
  /** What is recorded after every draw; scalars or larger f32 tensors. */
  readonly observe: (configuration: C, context: MemberContext<H>) => O;
}

export interface SampleOptions<C, H extends string, O extends Observables> extends ChainDefinition<C, H, O> {
  /** One chain for each row of the grid; a hyperparameter `seed` seeds the chains. */
  readonly chains: Grid<H>;
  /** Recorded draws of every chain. */
  readonly draws: number;
  /** Draws that are thrown away first; default 0. */
  readonly warmup?: number;
  /** Transitions from one draw to the next; default 1. */
  readonly thin?: number;
  /** Most draws that the engine computes in one call; default 100. */
  readonly drawsPerCall?: number;
  /** Seed of all chains when the grid has no axis `seed`; default 0. */
  readonly seed?: number;
  /** Name of an engine, or one of your own; default: chosen automatically. */
  readonly engine?: string | Engine;
  /** Stops the sampling; what was drawn stays. In a notebook interrupting the cell does the same. */
  readonly signal?: AbortSignal;
}

/**
 * Runs Markov chains, all at once, each a member of an ensemble. Returns at once with a run to watch; `await run.finished`
 * for the end.
 *
 * Throws a RangeError for numbers of draws that are not positive integers. The run's promise rejects with a MemoryError
 * when the chains do not fit.
 * @example
 * const run = sample({
 *   chains: grid({ massSquared: [0.5, 1], seed: seeds(4) }),
 *   init: ({ key }) => key.normal([4, 4]),
 *   kernel: ({ massSquared }) =>
 *     hmc({ action: (field) => phi4Action(field, { massSquared, coupling: 0.1 }), stepSize: 0.2, steps: 5 }),
 *   observe: (field) => ({ magnetization: field.mean() }),
 *   draws: 50,
 *   warmup: 10,
 * });
 * const { observables } = await run.finished;
 * observables.magnetization.of(3); // the draws of chain 3
 */
export function sample<C, H extends string, O extends Observables>(options: SampleOptions<C, H, O>): ChainRun<H, O> {
  const { chains, draws, warmup = 0, thin = 1, drawsPerCall = 100, seed = 0, engine, signal } = options;
  for (const [name, value] of Object.entries({ draws, thin, drawsPerCall })) {
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`sample: ${name} must be a positive integer, got ${value}.`);
  }
  if (!Number.isInteger(warmup) || warmup < 0)
    throw new RangeError(`sample: warmup must be an integer that is not negative, got ${warmup}.`);
  const calls = Math.ceil((warmup + draws) / drawsPerCall);
  const block = Math.ceil((warmup + draws) / calls);
  return new ChainRun({
    program: traceChains(options, { names: chains.names, block, thin, seed }),
    chains,
    draws,
    warmup,
    block,
    engine: typeof engine === "object" ? engine : engineOf(engine),
    signal,
  });
}
