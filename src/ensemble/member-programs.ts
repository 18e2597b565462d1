import type { Engine, LoadedProgram, RunReport } from "../engines/index.js";
import { onlyOnce } from "../engines/only-once.js";
import { viewOf } from "../engines/view-of.js";
import type { Program, ProgramInput, Tensor } from "../tensor/index.js";
import type { Grid } from "./grid.js";
import { KeptStates } from "./kept-states.js";
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

/** A group whose step program is loaded. */
interface LoadedGroup<T extends StatePrograms> {
  readonly group: ProgramGroup<T>;
  readonly program: LoadedProgram;
}

/** Where a member is computed. */
interface Home {
  /** Number of its group. */
  readonly number: number;
  /** Its own number in the group. */
  readonly local: number;
}

/** The loaded step programs of all members, addressed by the members' places in the grid. */
export class MemberPrograms<T extends StatePrograms> {
  private readonly homes: readonly Home[];
  /** By group: what is there of the members' states after {@link keepOnly}. */
  private kept: readonly KeptStates[] | undefined;

  private constructor(
    private readonly groups: readonly ProgramGroup<T>[],
    private programs: readonly LoadedProgram[],
    count: number,
  ) {
    const homes = new Array<Home>(count);
    for (const [number, { members }] of groups.entries())
      members.forEach((member, local) => (homes[member] = { number, local }));
    this.homes = homes;
  }

  /**
   * Compiles the groups' programs and gives all members their hyperparameters and the shared inputs; their state is zero.
   */
  static async load<T extends StatePrograms>(
    groups: readonly ProgramGroup<T>[],
    grid: Grid,
    shared: Readonly<Record<string, ArrayLike<number>>>,
    engine: Engine,
  ): Promise<MemberPrograms<T>> {
    const programs: LoadedProgram[] = [];
    for (const group of groups) {
      const program = await engine.load(group.programs.step, { members: group.members.length });
      programs.push(program);
      for (const [name, values] of Object.entries(shared)) program.write(name, values);
      writeHyperparameters(program, group.programs.step.inputs, grid, group.members);
    }
    return new MemberPrograms(groups, programs, grid.count);
  }

  /** The groups with their programs; none once these are gone. */
  get loaded(): LoadedGroup<T>[] {
    return this.programs.map((program, number) => ({ group: this.groups[number]!, program }));
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
    return this.groups[this.home(member).number]!.programs;
  }

  read(name: string, member: number): Values {
    const { number, local } = this.home(member);
    return this.kept ? this.kept[number]!.view(name, local).slice() : this.programs[number]!.read(name, local);
  }

  /** Like {@link read}, but the next write, fetch or run may change what it gives. */
  view(name: string, member: number): Values {
    const { number, local } = this.home(member);
    return this.kept ? this.kept[number]!.view(name, local) : viewOf(this.programs[number]!, name, local);
  }

  /** What {@link read} gives of each member now, also later on; undefined where an engine cannot keep it. */
  readAll(name: string): ((member: number) => Values) | undefined {
    const values = this.programs.map((program) => program.readAll?.(name));
    if (values.includes(undefined)) return undefined;
    return (member) => {
      const { number, local } = this.home(member);
      const all = values[number]!;
      const size = all.length / this.groups[number]!.members.length;
      return all.subarray(local * size, (local + 1) * size);
    };
  }

  write(name: string, values: ArrayLike<number>, member: number): void {
    const { number, local } = this.home(member);
    this.programs[number]!.write(name, values, local);
  }

  /** Makes the present values of all members' states readable; default: of all states. */
  async fetch(namesOf?: (programs: T) => readonly string[]): Promise<void> {
    for (const { group, program } of this.loaded) {
      if (this.kept) return;
      await program.fetch(namesOf?.(group.programs));
    }
  }

  /**
   * Keeps the present values of some states, fetched before, and gives the memory of the programs back: these values can be
   * read from now on, and no more steps taken.
   */
  keepOnly(namesOf: (programs: T) => readonly string[]): void {
    this.kept = this.loaded.map(({ group, program }) => new KeptStates(program, namesOf(group.programs)));
    this.dispose();
  }

  /** Whether the host can work with what was computed last while the next steps are. */
  get computesElsewhere(): boolean {
    return this.programs.every((program) => program.runWhile);
  }

  /**
   * Advances members by a number of steps. Calls `meanwhile` once, when what can be read is still of before: while steps are
   * computed where that is elsewhere, first of all where it is not.
   */
  async run(steps: number, members: readonly number[], meanwhile: () => void = () => undefined): Promise<RunReport> {
    const once = onlyOnce(meanwhile);
    const chosen = this.groups.map((): number[] => []);
    for (const member of members) {
      const { number, local } = this.home(member);
      chosen[number]!.push(local);
    }
    const failures: { member: number; reason: string }[] = [];
    for (const [number, { group, program }] of this.loaded.entries()) {
      const locals = chosen[number]!;
      if (locals.length === 0) continue;
      if (!program.runWhile) once();
      const report = await (program.runWhile?.(steps, locals, once) ?? program.run(steps, locals));
      for (const { member, reason } of report.failures) failures.push({ member: group.members[member]!, reason });
    }
    once();
    return { failures };
  }

  /** Gives the memory of all programs back. */
  dispose(): void {
    for (const program of this.programs) program.dispose();
    this.programs = [];
  }

  private home(member: number): Home {
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
