import { gather } from "../engines/gather.js";
import type { LoadedProgram } from "../engines/index.js";

type Values = ReturnType<LoadedProgram["read"]>;

/** The values that some states of a program's members had, fetched before; the program can go. */
export class KeptStates {
  private readonly members: number;
  private readonly states: ReadonlyMap<string, Values>;

  constructor(program: LoadedProgram, names: readonly string[]) {
    this.members = program.members;
    this.states = new Map(names.map((name) => [name, program.readAll?.(name) ?? gather(program, name)]));
  }

  /** One member's values, row-major: not a copy. */
  view(name: string, member: number): Values {
    const values = this.states.get(name);
    if (!values) throw new Error(`"${name}" was not kept; kept are ${[...this.states.keys()].join(", ")}.`);
    const size = values.length / this.members;
    return values.subarray(member * size, (member + 1) * size);
  }
}
