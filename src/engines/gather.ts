import type { LoadedProgram } from "./engine.js";
import { viewOf } from "./view-of.js";

/** What `read` gives of all members, those of one after those of another: a copy. */
export function gather(program: LoadedProgram, name: string): ReturnType<LoadedProgram["read"]> {
  const first = viewOf(program, name, 0);
  const all = new (first.constructor as new (length: number) => typeof first)(first.length * program.members);
  for (let member = 0; member < program.members; member++)
    all.set(viewOf(program, name, member), member * first.length);
  return all;
}
