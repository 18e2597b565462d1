import { MemberArray } from "../ensemble/index.js";
import type { MemberPrograms } from "../ensemble/member-programs.js";
import type { LoadedProgram } from "../engines/index.js";
import { type ChainPrograms, recordedName } from "./chain-program.js";

/** Draws that were computed together, of which some are kept. */
export interface DrawBlock {
  /** Draws that were computed of each chain. */
  readonly length: number;
  /** Those of them that are kept: from `first` on, up to `end`. */
  readonly first: number;
  readonly end: number;
  /** Number of the first one that is kept among all that are. */
  readonly at: number;
  /** Chains that have drawn them. */
  readonly chains: readonly number[];
}

/** Gives a chain's draws of a block. */
type Reader = (chain: number) => ReturnType<LoadedProgram["read"]>;

/** What chains draw. It is put in order when somebody looks at it: chains that nobody watches do not wait for that. */
export class DrawStore<Name extends string> {
  private made: Readonly<Record<Name, MemberArray>> | undefined;
  private readonly waiting: { readonly block: DrawBlock; readonly readers: readonly Reader[] }[] = [];
  /** Draws of each chain that are kept. */
  private readonly kept: Uint32Array;

  constructor(
    private readonly recorded: ChainPrograms["recorded"],
    private readonly chains: number,
    private readonly draws: number,
  ) {
    this.kept = new Uint32Array(chains);
  }

  /** By name, shape [chains, draws, ...observable]; NaN where not drawn yet. Values change in place. */
  get arrays(): Readonly<Record<Name, MemberArray>> {
    return (this.made ??= this.make());
  }

  /** Keeps a block that was computed last. */
  add(block: DrawBlock, programs: MemberPrograms<ChainPrograms>): void {
    const readers = this.made ? undefined : this.lasting(programs);
    if (readers) this.waiting.push({ block, readers });
    else this.copy(block, this.passing(programs), this.arrays);
    for (const chain of block.chains) this.kept[chain] = block.at + block.end - block.first;
  }

  /** Readers that give the same later on, where the engine has any. */
  private lasting(programs: MemberPrograms<ChainPrograms>): Reader[] | undefined {
    const readers = this.recorded.flatMap(({ name }) => programs.readAll(recordedName(name)) ?? []);
    return readers.length === this.recorded.length ? readers : undefined;
  }

  private passing(programs: MemberPrograms<ChainPrograms>): Reader[] {
    return this.recorded.map(
      ({ name }) =>
        (chain) =>
          programs.view(recordedName(name), chain),
    );
  }

  private make(): Readonly<Record<Name, MemberArray>> {
    const { chains, draws, recorded } = this;
    const arrays = recorded.map(({ name, shape }) => {
      const size = shape.reduce((product, length) => product * length, 1);
      const array = new MemberArray([chains, draws, ...shape], new Float64Array(chains * draws * size));
      this.kept.forEach((kept, chain) => array.of(chain).fill(NaN, kept * size));
      return [name, array] as const;
    });
    const made = Object.fromEntries(arrays) as Record<Name, MemberArray>;
    for (const { block, readers } of this.waiting.splice(0)) this.copy(block, readers, made);
    return made;
  }

  private copy(
    { length, first, end, at, chains }: DrawBlock,
    readers: readonly Reader[],
    arrays: Readonly<Record<Name, MemberArray>>,
  ): void {
    this.recorded.forEach(({ name }, n) => {
      const array = arrays[name as Name];
      for (const chain of chains) {
        const values = readers[n]!(chain);
        const size = values.length / length;
        array.of(chain).set(values.subarray(first * size, end * size), at * size);
      }
    });
  }
}
