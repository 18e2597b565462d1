import { type Engine, engine as engineOf, type LoadedProgram } from "../engines/index.js";
import { viewOf } from "../engines/view-of.js";
import type { NumericArray } from "../protocol.js";
import { leavesOf, mapLeaves, type Program, type Shape, ShapeError, type Tensor } from "../tensor/index.js";
import { showShape } from "../tensor/shape.js";
import type { Grid } from "./grid.js";
import { KEY_STREAMS, type MemberContext, memberInputs, writeHyperparameters } from "./member-inputs.js";
import { groupByStructure, showStructure, type StructureGroup } from "./structure.js";

/** A result for every member: shape [members, ...result] in row-major order. */
export class MemberArray implements NumericArray {
  constructor(
    readonly shape: readonly number[],
    readonly data: Float64Array,
  ) {}

  /** One member's values, row-major; a view, not a copy. */
  of(member: number): Float64Array {
    const size = this.data.length / this.shape[0]!;
    return this.data.subarray(member * size, (member + 1) * size);
  }
}

/** The tree that a function of one member returns, with arrays over all members in place of tensors. */
export type MemberArrays<R> = R extends Tensor ? MemberArray : { [Key in keyof R]: MemberArrays<R[Key]> };

export interface EvaluateOptions<H extends string, R, S extends H = never> {
  readonly members: Grid<H>;
  /** What is computed, from the member's hyperparameters and random key. */
  readonly compute: (context: MemberContext<H, S>) => R;
  /** Hyperparameters on which shapes depend: plain numbers in `compute`, whose result has one shape for all. */
  readonly structural?: readonly S[];
  /** Seed of all members when the grid has no axis `seed`; default 0. */
  readonly seed?: number;
  /** Name of an engine, or one of your own; default: chosen automatically. */
  readonly engine?: string | Engine;
}

/**
 * Computes a function of every member once: statistics of random networks, solutions of equations, integrals. Values
 * have shape [members, ...result]; members that failed hold NaN.
 *
 * Throws a MemoryError when the members do not fit.
 * @example
 * const { average } = await evaluate({
 *   members: grid({ width: [10, 20], seed: seeds(3) }),
 *   structural: ["width"],
 *   compute: ({ width, key }) => ({ average: key.normal([width]).mean() }),
 * });
 */
export async function evaluate<H extends string, R, S extends H = never>(
  options: EvaluateOptions<H, R, S>,
): Promise<MemberArrays<R>> {
  const { members: grid, compute, structural = [], seed = 0, engine } = options;
  const runner = typeof engine === "object" ? engine : engineOf(engine);
  const parts = groupByStructure(grid, structural).map((group) => traceMember(group, grid.names, seed, compute));
  return computeParts(parts, grid, runner);
}

/** A function of the members of one structure, traced; for {@link computeParts}. */
export interface Part<R> {
  readonly group: StructureGroup;
  readonly result: R;
  readonly program: Program;
  /** Gives the members what the program needs besides hyperparameters. */
  readonly prepare?: (program: LoadedProgram) => void;
}

/** Traces a function of one member; `given` are further inputs. */
export function traceMember<H extends string, R, S extends string>(
  group: StructureGroup,
  names: readonly H[],
  seed: number,
  compute: (context: MemberContext<H, S>) => R,
  given: Program["inputs"] = [],
): Part<R> {
  const member = memberInputs(names, seed, group.structure);
  const result = compute({ ...member.context, key: member.key.fold(KEY_STREAMS.evaluate) } as MemberContext<H, S>);
  const outputs = leavesOf(result).map(({ path, tensor }) => ({ name: outputName(path), value: tensor }));
  return { group, result, program: { inputs: [...member.inputs, ...given], updates: [], outputs } };
}

const outputName = (path: string) => `result ${path}`;

/** Runs each part and puts the results of all members together. */
export async function computeParts<R>(parts: readonly Part<R>[], grid: Grid, engine: Engine): Promise<MemberArrays<R>> {
  for (const part of parts) checkShapes(part, parts[0]!);
  const arrays = new Map<string, MemberArray>();
  for (const { group, program, prepare } of parts) {
    const loaded = await engine.load(program, { members: group.members.length });
    writeHyperparameters(loaded, program.inputs, grid, group.members);
    prepare?.(loaded);
    // Only now: results of members that do not fit would not fit either.
    for (const { path, tensor } of leavesOf(parts[0]!.result))
      if (!arrays.has(path)) arrays.set(path, emptyArray(grid.count, tensor.shape));
    const { failures } = await loaded.run(1);
    const failed = new Set(failures.map((failure) => failure.member));
    for (const [path, array] of arrays) {
      group.members.forEach((member, local) => {
        if (!failed.has(local)) array.of(member).set(viewOf(loaded, outputName(path), local));
      });
    }
    loaded.dispose();
  }
  return mapLeaves(parts[0]!.result, (_, path) => arrays.get(path)) as MemberArrays<R>;
}

function emptyArray(members: number, shape: Shape): MemberArray {
  const size = shape.reduce((elements, length) => elements * length, members);
  return new MemberArray([members, ...shape], new Float64Array(size).fill(NaN));
}

function checkShapes<R>({ result, group }: Part<R>, first: Part<R>): void {
  const expected = new Map(leavesOf(first.result).map(({ path, tensor }) => [path, tensor.shape]));
  const leaves = leavesOf(result);
  for (const { path, tensor } of leaves) {
    const shape = expected.get(path);
    if (leaves.length === expected.size && shape?.join() === tensor.shape.join()) continue;
    throw new ShapeError(
      `The result${path && ` "${path}"`} is ${showShape(tensor.shape)} for ${showStructure(group.structure)}, but ` +
        `${shape ? showShape(shape) : "absent"} for the first members; a result has one shape for all.`,
    );
  }
}
