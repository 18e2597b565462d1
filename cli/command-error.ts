/** An error that the user can mend: shown as its sentence, without a stack trace. */
export class CommandError extends Error {
  readonly exitStatus: number = 1;
}

/** A command line that does not make sense. */
export class UsageError extends CommandError {
  override readonly exitStatus = 2;

  constructor(problem: string) {
    super(`${problem} \`phasebook --help\` lists what there is.`);
  }
}
