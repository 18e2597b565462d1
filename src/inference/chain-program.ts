import { KEY_STREAMS, type MemberContext, memberInputs } from "../ensemble/member-inputs.js";
import { startProgram, type StatePrograms } from "../ensemble/member-programs.js";
import {
  fillTree,
  input,
  leavesOf,
  mapTree,
  type Program,
  type ProgramInput,
  scalar,
  scan,
  ShapeError,
  type Tensor,
} from "../tensor/index.js";
import type { ChainDefinition, Observables } from "./sample.js";
import type { ChainState, Transition } from "./transition.js";

/** Programs of chains. */
export interface ChainPrograms extends StatePrograms {
  /** A block of draws: outputs have a leading axis, one element for each draw. */
  readonly step: Program;
  /** What is recorded, with the shape of one draw; the outputs of `step` by the same names. */
  readonly recorded: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/** What chains record besides the observables. */
export const DIAGNOSTICS = ["accepted", "energyError"] as const;

interface TracedWith<H extends string> {
  readonly names: readonly H[];
  /** Hyperparameters that are plain numbers for all chains of these programs. */
  readonly structure: Readonly<Record<string, number>>;
  /** Draws of one call. */
  readonly block: number;
  /** Transitions of one draw. */
  readonly thin: number;
  readonly seed: number;
}

const TRANSITIONS = "transitions";

/** Traces chains of one structure: once for all, whose other hyperparameters are inputs of the programs. */
export function traceChains<C, H extends string, O extends Observables, S extends H>(
  { init, kernel, observe }: ChainDefinition<C, H, O, S>,
  { names, structure, block, thin, seed }: TracedWith<H>,
): ChainPrograms {
  const member = memberInputs(names, seed, structure);
  const context = { ...member.context, key: member.key.fold(KEY_STREAMS.init) } as MemberContext<H, S>;
  const transitions = kernel(context);
  const first = transitions.init(init(context));

  const inputs: ProgramInput[] = [...member.inputs];
  const declare = (name: string, { shape, dtype }: Tensor): Tensor => {
    const tensor = input(name, shape, dtype);
    inputs.push({ name, tensor, scope: "member" });
    return tensor;
  };
  const state = mapTree(first, (tensor, path) => declare(path, tensor));
  const done = declare(TRANSITIONS, scalar(0, "u32"));
  const chainKey = member.key.fold(KEY_STREAMS.step);
  const nextTransition = (from: ChainState<C>, number: Tensor) => transitions.step(from, chainKey.fold(number));
  const nextDraw = (from: ChainState<C>, draw: Tensor) => {
    const offset = done.add(draw.cast("u32").mul(thin));
    const { state: after, ...diagnostics } = repeat(nextTransition, from, offset, thin);
    const observed = observe(after.configuration, context);
    checkObservables(observed);
    return { carry: after, output: { ...diagnostics, ...observed } };
  };
  const { carry, outputs } = scan((from: ChainState<C>, _, draw) => nextDraw(from, draw), state, undefined, {
    length: block,
  });

  const [before, after] = [
    leavesOf(first),
    leavesOf(
      fillTree(
        state,
        leavesOf(carry).map(({ tensor }) => tensor),
      ),
    ),
  ];
  return {
    start: startProgram(
      member.inputs,
      before.map(({ path, tensor }) => ({ name: path, first: tensor })),
    ),
    step: {
      inputs,
      updates: [
        ...after.map(({ path, tensor }) => ({ input: path, value: tensor })),
        { input: TRANSITIONS, value: done.add(block * thin) },
      ],
      outputs: Object.entries<Tensor>(outputs).map(([name, value]) => ({ name: recordedName(name), value })),
    },
    recorded: Object.entries<Tensor>(outputs).map(([name, { shape }]) => ({ name, shape: shape.slice(1) })),
  };
}

export const recordedName = (name: string): string => `recorded ${name}`;

/** Several transitions as one: the mean acceptance and the last energy error. */
function repeat<C>(
  next: (from: ChainState<C>, number: Tensor) => Transition<C>,
  from: ChainState<C>,
  offset: Tensor,
  count: number,
): Transition<C> {
  if (count === 1) return next(from, offset);
  const { carry, outputs } = scan(
    (state: ChainState<C>, _, i) => {
      const { state: after, ...diagnostics } = next(state, offset.add(i.cast("u32")));
      return { carry: after, output: diagnostics };
    },
    from,
    undefined,
    { length: count },
  );
  return { state: carry, accepted: outputs.accepted.mean(), energyError: outputs.energyError.at(-1) };
}

function checkObservables(observed: Observables): void {
  for (const [name, { dtype }] of Object.entries(observed)) {
    if ((DIAGNOSTICS as readonly string[]).includes(name))
      throw new RangeError(`An observable cannot be called "${name}": chains record that themselves.`);
    if (dtype !== "f32") throw new ShapeError(`The observable "${name}" is ${dtype}; cast it to f32.`);
  }
}
