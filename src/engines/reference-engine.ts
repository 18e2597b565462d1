import { Interpreter } from "../compile/reference.js";
import type { Program } from "../tensor/program.js";
import type { Engine, LoadedProgram, LoadOptions, RunReport } from "./engine.js";

/** The interpreter in float64: slow, for checking the others. */
export class ReferenceEngine implements Engine {
  readonly name = "reference";
  readonly precision = "float64";
  readonly description = "interpreter on one thread";

  load(program: Program, { members }: LoadOptions): Promise<LoadedProgram> {
    return Promise.resolve(new ReferenceProgram(program, members));
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

class ReferenceProgram implements LoadedProgram {
  readonly bytesPerMember: number;
  readonly flopsPerStep = 0;
  private readonly interpreters: Interpreter[];
  private readonly shared: ReadonlySet<string>;

  constructor(
    program: Program,
    readonly members: number,
  ) {
    this.interpreters = Array.from({ length: members }, () => new Interpreter(program));
    this.shared = new Set(program.inputs.filter(({ scope }) => scope === "shared").map(({ name }) => name));
    this.bytesPerMember = 8 * program.inputs.reduce((sum, { tensor }) => sum + tensor.size, 0);
  }

  write(input: string, values: ArrayLike<number>, member?: number): void {
    const targets = this.shared.has(input) ? this.interpreters : [this.at(member)];
    for (const interpreter of targets) interpreter.write(input, Float64Array.from(values));
  }

  read(name: string, member = 0): Float64Array {
    return Float64Array.from(this.at(member).read(name));
  }

  /** They are where they are read. */
  fetch(): Promise<void> {
    return Promise.resolve();
  }

  async run(steps: number, members?: readonly number[]): Promise<RunReport> {
    for (const interpreter of members?.map((member) => this.at(member)) ?? this.interpreters) {
      interpreter.run(steps);
      await yieldToEvents();
    }
    return { failures: [] };
  }

  dispose(): void {
    this.interpreters.length = 0;
  }

  private at(member?: number): Interpreter {
    const interpreter = this.interpreters[member ?? -1];
    if (!interpreter) throw new RangeError(`Member ${member} does not exist; there are ${this.members}.`);
    return interpreter;
  }
}

/** Lets timers, messages and interrupts through between members. */
function yieldToEvents(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
