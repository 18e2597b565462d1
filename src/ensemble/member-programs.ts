import type { Engine, LoadedProgram, RunReport } from "../engines/index.js";
import { onlyOnce } from "../engines/only-once.js";
import { viewOf } from "../engines/view-of.js";
import type { Program, ProgramInput, Tensor } from "../tensor/index.js";
import type { Grid } from "./grid.js";
import { writeHyperparameters } from "./member-inputs.js";
import type { StructureGroup } from "./structure.js";

/** Programs that give members a state, and advance it. */
export interface StatePrograms {
  /** Gives the state its first value, as outputs named like the inputs of `step`; what it leaves out begins with zeros. */
  readonly start: Program;
  readonly step: Program;
}

/** The program that gives a state its first value. A loaded program's state is zero: zeros are neither computed nor copied. */
export function startProgram(
  inputs: readonly ProgramInput[],
  state: readonly { readonly name: string; readonly first: Tensor }[],
): Program {
  const outputs = state.filter(({ first }) => !isZeros(first)).map(({ name, first }) => ({ name, value: first }));
  return { inputs, updates: [], outputs };
}

function isZeros({ call, inputs }: Tensor): boolean {
  if (call.name === "broadcast") return isZeros(inputs[0]!);
  return call.name === "constant" && call.attributes.data.every((value) => Object.is(value, 0));
}

/** The programs of members of one structure. */
export interface ProgramGroup<T extends StatePrograms> extends StructureGroup {
  readonly programs: T;
}

type Values = ReturnType<LoadedProgram["read"]>;

/** Where a member is computed. */
interface Home<T extends StatePrograms> {
  readonly group: ProgramGroup<T>;
  readonly program: LoadedProgram;
  /** Its number in the group's program. */
  readonly local: number;
}

/** The loaded step programs of all members, addressed by the members' places in the grid. */
export class MemberPrograms<T extends StatePrograms> {
  private constructor(
    private readonly homes: readonly Home<T>[],
    readonly loaded: readonly { readonly group: ProgramGroup<T>; readonly program: LoadedProgram }[],
  ) {}

  /**
   * Compiles the groups' programs and gives all members their hyperparameters and the shared inputs; their state is zero.
   */
  static async load<T extends StatePrograms>(
    groups: readonly ProgramGroup<T>[],
    grid: Grid,
    shared: Readonly<Record<string, ArrayLike<number>>>,
    engine: Engine,
  ): Promise<MemberPrograms<T>> {
    const homes = new Array<Home<T>>(grid.count);
    const loaded: { group: ProgramGroup<T>; program: LoadedProgram }[] = [];
    for (const group of groups) {
      const program = await engine.load(group.programs.step, { members: group.members.length });
      loaded.push({ group, program });
      for (const [name, values] of Object.entries(shared)) program.write(name, values);
      writeHyperparameters(program, group.programs.step.inputs, grid, group.members);
      group.members.forEach((member, local) => (homes[member] = { group, program, local }));
    }
    return new MemberPrograms(homes, loaded);
  }

  /** Gives every member its first state; `values` are those of inputs that `start` does not give, the same for all. */
  async initialize(grid: Grid, engine: Engine, values: Readonly<Record<string, number>> = {}): Promise<void> {
    for (const { group, program } of this.loaded) {
      await copyStart(group, program, grid, engine);
      for (let local = 0; local < group.members.length; local++)
        for (const [name, value] of Object.entries(values)) program.write(name, [value], local);
    }
  }

  /** The programs that a member is computed by. */
  programsOf(member: number): T {
    return this.home(member).group.programs;
  }

  read(name: string, member: number): Values {
    const { program, local } = this.home(member);
    return program.read(name, local);
  }

  /** Like {@link read}, but the next write, fetch or run may change what it gives. */
  view(name: string, member: number): Values {
    const { program, local } = this.home(member);
    return viewOf(program, name, local);
  }

  /** What {@link read} gives of each member now, also later on; undefined where an engine cannot keep it. */
  readAll(name: string): ((member: number) => Values) | undefined {
    const values = new Map(this.loaded.map(({ program }) => [program, program.readAll?.(name)]));
    if ([...values.values()].includes(undefined)) return undefined;
    return (member) => {
      const { program, local } = this.home(member);
      const all = values.get(program)!;
      const size = all.length / program.members;
      return all.subarray(local * size, (local + 1) * size);
    };
  }

  write(name: string, values: ArrayLike<number>, member: number): void {
    const { program, local } = this.home(member);
    program.write(name, values, local);
  }

  /** Makes the present values of all members' states readable; default: of all states. */
  async fetch(names?: readonly string[]): Promise<void> {
    for (const { program } of this.loaded) await program.fetch(names);
  }

  /** Whether the host can work with what was computed last while the next steps are. */
  get computesElsewhere(): boolean {
    return this.loaded.every(({ program }) => program.runWhile);
  }

  /**
   * Advances members by a number of steps. Calls `meanwhile` once, when what can be read is still of before: while steps are
   * computed where that is elsewhere, first of all where it is not.
   */
  async run(steps: number, members: readonly number[], meanwhile: () => void = () => undefined): Promise<RunReport> {
    const once = onlyOnce(meanwhile);
    const chosen = new Map<LoadedProgram, number[]>();
    for (const member of members) {
      const { program, local } = this.home(member);
      const locals = chosen.get(program);
      if (locals) locals.push(local);
      else chosen.set(program, [local]);
    }
    const failures: { member: number; reason: string }[] = [];
    for (const { group, program } of this.loaded) {
      const locals = chosen.get(program);
      if (!locals) continue;
      if (!program.runWhile) once();
      const report = await (program.runWhile?.(steps, locals, once) ?? program.run(steps, locals));
      for (const { member, reason } of report.failures) failures.push({ member: group.members[member]!, reason });
    }
    once();
    return { failures };
  }

  /** Gives the memory of all programs back. */
  dispose(): void {
    for (const { program } of this.loaded) program.dispose();
  }

  private home(member: number): Home<T> {
    const home = this.homes[member];
    if (!home) throw new RangeError(`Member ${member} does not exist; there are ${this.homes.length}.`);
    return home;
  }
}

/** Computes the first state of a group's members, and gives it to the program that advances them. */
async function copyStart(
  { programs: { start }, members }: ProgramGroup<StatePrograms>,
  program: LoadedProgram,
  grid: Grid,
  engine: Engine,
): Promise<void> {
  if (start.outputs.length === 0) return;
  const loaded = await engine.load(start, { members: members.length, once: true });
  writeHyperparameters(loaded, start.inputs, grid, members);
  const { failures } = await loaded.run(1);
  if (failures[0])
    throw new Error(`Member ${members[failures[0].member]} could not be initialised: ${failures[0].reason}`);
  for (const { name } of start.outputs)
    for (let local = 0; local < members.length; local++) program.write(name, viewOf(loaded, name, local), local);
  loaded.dispose();
}
