import type { Optimizer } from "../optimizers/index.js";
import { enter, gradients } from "../tensor/derivative.js";
import {
  type DType,
  fillTree,
  input,
  leavesOf,
  mapTree,
  type ProgramInput,
  type Shape,
  ShapeError,
  Tensor,
} from "../tensor/index.js";
import { showShape } from "../tensor/shape.js";
import type { NumericArray } from "../protocol.js";
import { KEY_STREAMS, type MemberContext, memberInputs } from "./member-inputs.js";
import { type ProgramGroup, startProgram, type StatePrograms } from "./member-programs.js";

/** What the loss and the optimizer may use besides the parameters. */
export type StepContext<H extends string, D extends string, S extends string = never> = MemberContext<H, S> & {
  /** Number of steps done, f32 scalar. */
  readonly step: Tensor;
  /** step / steps, in [0, 1). */
  readonly progress: Tensor;
  /** Data that all members share. */
  readonly data: { readonly [name in D]: Tensor };
};

/** The loss to minimise, alone or with further scalars to record. */
export type LossResult = Tensor | ({ readonly loss: Tensor } & { readonly [metric: string]: Tensor });

/** A training step as the user writes it. */
export interface TrainingDefinition<P, H extends string, D extends string, S extends string = never> {
  readonly init: (context: MemberContext<H, S>) => P;
  readonly loss: (parameters: P, context: StepContext<H, D, S>) => LossResult;
  readonly optimizer: (context: StepContext<H, D, S>) => Optimizer;
  /** A member whose loss is beyond this in size, or no number, has diverged; default Infinity. */
  readonly divergesAbove?: number;
}

/** Programs of a training, and the names under which engines know its values. */
export interface TrainingPrograms<P> extends StatePrograms {
  /** The structure of the parameters, with the program inputs as leaves. */
  readonly parameters: P;
  /** Recorded scalars, "loss" first. */
  readonly metrics: readonly string[];
}

/** The programs of members of one structure. */
export type TrainingGroup<P> = ProgramGroup<TrainingPrograms<P>>;

/** Names of the step program's inputs that the training loop reads and writes itself. */
export const STEP_INPUT = "step";
export const DIVERGED_INPUT = "divergedAt";
export const dataInput = (name: string) => `data ${name}`;
export const metricSumInput = (name: string) => `sum of ${name}`;

/** Value of {@link DIVERGED_INPUT} until the member diverges. */
export const NOT_DIVERGED = 0xffffffff;

/** What a training's programs depend on besides its functions. */
export interface TracedWith<H extends string, D extends string> {
  /** All hyperparameters; those in `structure` have the value given there, the others are inputs. */
  readonly names: readonly H[];
  readonly structure: Readonly<Record<string, number>>;
  readonly data: { readonly [name in D]: NumericArray };
  readonly steps: number;
  readonly seed: number;
}

/** Traces a training: once for all members of a structure, whose other hyperparameters are inputs of the programs. */
export function traceTraining<P, H extends string, D extends string, S extends string>(
  definition: TrainingDefinition<P, H, D, S>,
  { names, structure, data, steps, seed }: TracedWith<H, D>,
): TrainingPrograms<P> {
  const member = memberInputs(names, seed, structure);
  const init = definition.init({
    ...member.context,
    key: member.key.fold(KEY_STREAMS.init),
  } as MemberContext<H, S>);

  const inputs: ProgramInput[] = [...member.inputs];
  const declare = (name: string, shape: Shape, dtype: DType, scope: ProgramInput["scope"] = "member"): Tensor => {
    const tensor = input(name, shape, dtype);
    inputs.push({ name, tensor, scope });
    return tensor;
  };
  const declareTree = <T>(prefix: string, tree: T): T =>
    mapTree(tree, ({ shape, dtype }, path) => declare(prefix + path, shape, dtype));

  const step = declare(STEP_INPUT, [], "u32");
  const count = step.cast("f32");
  const context = {
    ...member.context,
    key: member.key.fold(KEY_STREAMS.step).fold(step),
    step: count,
    progress: count.div(steps),
    data: Object.fromEntries(
      Object.entries<NumericArray>(data).map(([name, { shape }]) => [
        name,
        declare(dataInput(name), shape, "f32", "shared"),
      ]),
    ),
  } as unknown as StepContext<H, D, S>;

  const optimizer = definition.optimizer(context);
  const parameters = declareTree("parameters ", init);
  const optimizerStart = optimizer.init(init);
  const optimizerState = declareTree("optimizer ", optimizerStart);

  const { inside, leaves } = enter(parameters);
  const metrics = metricsOf(definition.loss(inside, context));
  const clash = [...metrics.keys()].find((name) => (names as readonly string[]).includes(name));
  if (clash) throw new RangeError(`Both a hyperparameter and a metric are called "${clash}"; rename one.`);
  const gradient = fillTree(parameters, gradients(metrics.get("loss")!, leaves));
  const next = optimizer.update(gradient, optimizerState, parameters);

  const state = [...pair("parameters ", init, next.parameters), ...pair("optimizer ", optimizerStart, next.state)];
  const updates = state.map(({ name, next: value }) => ({ input: name, value }));
  updates.push({ input: STEP_INPUT, value: step.add(1) });
  for (const [name, value] of metrics) {
    const sum = declare(metricSumInput(name), [], "f32");
    updates.push({ input: metricSumInput(name), value: sum.add(value) });
  }
  const divergedAt = declare(DIVERGED_INPUT, [], "u32");
  const finite = metrics
    .get("loss")!
    .abs()
    .less(definition.divergesAbove ?? Infinity);
  const fresh = divergedAt.equal(NOT_DIVERGED).and(finite.not());
  updates.push({ input: DIVERGED_INPUT, value: fresh.select(step, divergedAt) });

  return {
    start: startProgram(member.inputs, state),
    step: { inputs, updates, outputs: [] },
    parameters,
    metrics: [...metrics.keys()],
  };
}

/** Leaves of a tree before and after a step, with the name of the input that holds them between steps. */
function pair(prefix: string, first: unknown, next: unknown): { name: string; first: Tensor; next: Tensor }[] {
  const after = new Map(leavesOf(next).map(({ path, tensor }) => [path, tensor]));
  return leavesOf(first).map(({ path, tensor }) => {
    const value = after.get(path);
    if (!value) throw new TypeError(`The optimizer's update lost "${prefix}${path}".`);
    return { name: prefix + path, first: tensor, next: value };
  });
}

function metricsOf(result: LossResult): Map<string, Tensor> {
  const metrics = new Map(result instanceof Tensor ? [["loss", result]] : Object.entries<Tensor>(result));
  const loss = metrics.get("loss");
  if (!loss)
    throw new TypeError(
      `The loss function returns a tensor or an object with "loss", got ${[...metrics.keys()].join(", ")}.`,
    );
  for (const [name, { shape, dtype }] of metrics) {
    if (shape.length > 0 || dtype !== "f32") {
      throw new ShapeError(
        `The metric "${name}" must be an f32 scalar, got ${dtype}${showShape(shape)}; reduce it, for example by .mean().`,
      );
    }
  }
  return new Map([["loss", loss], ...metrics]);
}
