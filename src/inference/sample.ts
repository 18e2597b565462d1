import { type Engine, engine as engineOf } from "../engines/index.js";
import { type CheckpointOptions, type Grid, type MemberContext } from "../ensemble/index.js";
import type { ProgramGroup } from "../ensemble/member-programs.js";
import { groupByStructure, showStructure } from "../ensemble/structure.js";
import { ShapeError, type Tensor } from "../tensor/index.js";
import { type ChainPrograms, traceChains } from "./chain-program.js";
import { ChainRun } from "./chain-run.js";
import type { TransitionKernel } from "./transition.js";

/** Tensors that are recorded of every draw, by name. */
export type Observables = Readonly<Record<string, Tensor>>;

/** What is sampled, as the user writes it. */
export interface ChainDefinition<C, H extends string, O extends Observables, S extends H = never> {
  /** The first configuration: a tree of tensors. */
  readonly init: (context: MemberContext<H, S>) => C;
  /** How chains move: `hmc(…)`, `metropolis(…)` or a transition of your own. */
  readonly kernel: (context: MemberContext<H, S>) => TransitionKernel<C>;
  /** What is recorded after every draw; scalars or larger f32 tensors. */
  readonly observe: (configuration: C, context: MemberContext<H, S>) => O;
}

export interface SampleOptions<C, H extends string, O extends Observables, S extends H = never> extends ChainDefinition<
  C,
  H,
  O,
  S
> {
  /** One chain for each row of the grid; a hyperparameter `seed` seeds the chains. */
  readonly chains: Grid<H>;
  /**
   * Hyperparameters on which shapes depend, such as a lattice's side: the functions get them as plain numbers. Chains are
   * grouped by their values; what is recorded has the same shapes in all groups.
   */
  readonly structural?: readonly S[];
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
  /**
   * A file to save the chains to. Where it exists, they go on from there, and end with the same bits as chains that were
   * never interrupted.
   */
  readonly checkpoint?: string | CheckpointOptions;
}

/**
 * Runs Markov chains, all at once, each a member of an ensemble. Returns at once with a run to watch; `await run.finished`
 * for the end.
 *
 * Throws a RangeError for numbers of draws that are not positive integers. The run's promise rejects with a MemoryError
 * when the chains do not fit, and with a CheckpointError when the checkpoint is broken or of other chains.
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
export function sample<C, H extends string, O extends Observables, S extends H = never>(
  options: SampleOptions<C, H, O, S>,
): ChainRun<H, O> {
  const { chains, draws, warmup = 0, thin = 1, drawsPerCall = 100, seed = 0, engine, signal, checkpoint } = options;
  for (const [name, value] of Object.entries({ draws, thin, drawsPerCall })) {
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`sample: ${name} must be a positive integer, got ${value}.`);
  }
  if (!Number.isInteger(warmup) || warmup < 0)
    throw new RangeError(`sample: warmup must be an integer that is not negative, got ${warmup}.`);
  const calls = Math.ceil((warmup + draws) / drawsPerCall);
  const block = Math.ceil((warmup + draws) / calls);
  const groups = groupByStructure(chains, options.structural ?? []).map(
    ({ structure, members }): ProgramGroup<ChainPrograms> => {
      const programs = traceChains(options, { names: chains.names, structure, block, thin, seed });
      return { structure, members, programs };
    },
  );
  checkRecorded(groups);
  return new ChainRun({
    groups,
    chains,
    draws,
    warmup,
    block,
    engine: typeof engine === "object" ? engine : engineOf(engine),
    signal,
    checkpoint: typeof checkpoint === "string" ? { file: checkpoint } : checkpoint,
  });
}

function checkRecorded(groups: readonly ProgramGroup<ChainPrograms>[]): void {
  const show = ({ programs }: ProgramGroup<ChainPrograms>) =>
    programs.recorded.map(({ name, shape }) => `${name} [${shape.join(", ")}]`).join(", ");
  const [first, ...others] = groups;
  const odd = others.find((group) => show(group) !== show(first!));
  if (!odd) return;
  throw new ShapeError(
    `sample: chains with ${showStructure(odd.structure)} record ${show(odd)}, those with ` +
      `${showStructure(first!.structure)} ${show(first!)}; all record the same, of the same shapes.`,
  );
}
