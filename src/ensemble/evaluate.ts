import type { Engine, LoadedProgram } from "../engines/index.js";
import type { NumericArray } from "../protocol.js";
import { leavesOf, mapLeaves, type Program, type Tensor } from "../tensor/index.js";
import type { Grid } from "./grid.js";
import { KEY_STREAMS, type MemberContext, memberInputs, writeHyperparameters } from "./member-inputs.js";

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

export interface EvaluateSetup<P, H extends string, R> {
  readonly f: (parameters: P, context: MemberContext<H>) => R;
  readonly parameters: P;
  /** Where the members' parameters are. */
  readonly program: LoadedProgram;
  readonly grid: Grid<H>;
  readonly seed: number;
  readonly engine: Engine;
}

/** Computes a function of every member's parameters; see {@link TrainingRun.evaluate}. */
export async function evaluateMembers<P, H extends string, R>(setup: EvaluateSetup<P, H, R>): Promise<MemberArrays<R>> {
  const { f, parameters, program, grid, seed, engine } = setup;
  const member = memberInputs(grid.names, seed);
  const result = f(parameters, { ...member.context, key: member.key.fold(KEY_STREAMS.evaluate) });
  const outputs = leavesOf(result).map(({ path, tensor }) => ({ name: `result ${path}`, value: tensor, path }));
  const given = leavesOf(parameters).map(({ path, tensor }) => ({
    name: `parameters ${path}`,
    tensor,
    scope: "member" as const,
  }));
  const loaded = await engine.load({ inputs: [...member.inputs, ...given], updates: [], outputs } satisfies Program, {
    members: grid.count,
  });
  writeHyperparameters(loaded, grid);
  for (let m = 0; m < grid.count; m++) {
    for (const { name } of given) loaded.write(name, program.read(name, m), m);
  }
  const { failures } = await loaded.run(1);
  const failed = new Set(failures.map((failure) => failure.member));
  const arrays = new Map(
    outputs.map(({ name, value, path }) => [path, gather(loaded, name, value, grid.count, failed)] as const),
  );
  loaded.dispose();
  return mapLeaves(result, (_, path) => arrays.get(path)) as MemberArrays<R>;
}

function gather(
  loaded: LoadedProgram,
  name: string,
  { shape, size }: Tensor,
  members: number,
  failed: ReadonlySet<number>,
): MemberArray {
  const data = new Float64Array(members * size);
  for (let m = 0; m < members; m++) {
    if (failed.has(m)) data.fill(NaN, m * size, (m + 1) * size);
    else data.set(loaded.read(name, m), m * size);
  }
  return new MemberArray([members, ...shape], data);
}
