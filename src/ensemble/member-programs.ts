import type { Engine, LoadedProgram, RunReport } from "../engines/index.js";
import type { NumericArray } from "../protocol.js";
import type { Grid } from "./grid.js";
import { writeHyperparameters } from "./member-inputs.js";
import type { StructureGroup } from "./structure.js";
import { DIVERGED_INPUT, dataInput, NOT_DIVERGED, type TrainingPrograms } from "./training-program.js";

/** The programs of members of one structure. */
export interface TrainingGroup<P> extends StructureGroup {
  readonly programs: TrainingPrograms<P>;
}

type Values = ReturnType<LoadedProgram["read"]>;

/** Where a member is computed. */
interface Home<P> {
  readonly group: TrainingGroup<P>;
  readonly program: LoadedProgram;
  /** Its number in the group's program. */
  readonly local: number;
}

/** The loaded step programs of all members, addressed by the members' places in the grid. */
export class MemberPrograms<P> {
  private constructor(
    private readonly homes: readonly Home<P>[],
    readonly loaded: readonly { readonly group: TrainingGroup<P>; readonly program: LoadedProgram }[],
  ) {}

  /** Compiles the groups' programs and gives all members their hyperparameters and the data; their state is zero. */
  static async load<P>(
    groups: readonly TrainingGroup<P>[],
    grid: Grid,
    data: Readonly<Record<string, NumericArray>>,
    engine: Engine,
  ): Promise<MemberPrograms<P>> {
    const homes = new Array<Home<P>>(grid.count);
    const loaded: { group: TrainingGroup<P>; program: LoadedProgram }[] = [];
    for (const group of groups) {
      const program = await engine.load(group.programs.step, { members: group.members.length });
      loaded.push({ group, program });
      for (const [name, { data: values }] of Object.entries(data)) program.write(dataInput(name), values);
      writeHyperparameters(program, group.programs.step.inputs, grid, group.members);
      group.members.forEach((member, local) => (homes[member] = { group, program, local }));
    }
    return new MemberPrograms(homes, loaded);
  }

  /** Gives every member its first state. */
  async initialize(grid: Grid, engine: Engine): Promise<void> {
    for (const { group, program } of this.loaded) {
      const { programs, members } = group;
      const start = await engine.load(programs.start, { members: members.length });
      writeHyperparameters(start, programs.start.inputs, grid, members);
      const { failures } = await start.run(1);
      if (failures[0])
        throw new Error(`Member ${members[failures[0].member]} could not be initialised: ${failures[0].reason}`);
      for (let local = 0; local < members.length; local++) {
        for (const name of programs.stateNames) program.write(name, start.read(name, local), local);
        program.write(DIVERGED_INPUT, [NOT_DIVERGED], local);
      }
      start.dispose();
    }
  }

  /** The programs that a member is computed by. */
  programsOf(member: number): TrainingPrograms<P> {
    return this.home(member).group.programs;
  }

  read(name: string, member: number): Values {
    const { program, local } = this.home(member);
    return program.read(name, local);
  }

  write(name: string, values: ArrayLike<number>, member: number): void {
    const { program, local } = this.home(member);
    program.write(name, values, local);
  }

  /** Advances members by a number of steps. */
  async run(steps: number, members: readonly number[]): Promise<RunReport> {
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
      const report = await program.run(steps, locals);
      for (const { member, reason } of report.failures) failures.push({ member: group.members[member]!, reason });
    }
    return { failures };
  }

  private home(member: number): Home<P> {
    const home = this.homes[member];
    if (!home) throw new RangeError(`Member ${member} does not exist; there are ${this.homes.length}.`);
    return home;
  }
}
