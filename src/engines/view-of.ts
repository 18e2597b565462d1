import type { LoadedProgram } from "./engine.js";

/** What `read` gives, which the next write, fetch or run may change where the engine can do without a copy. */
export const viewOf = (program: LoadedProgram, name: string, member?: number): ReturnType<LoadedProgram["read"]> =>
  program.view?.(name, member) ?? program.read(name, member);
