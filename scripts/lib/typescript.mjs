import { CommandFailure, run } from "./commands.mjs";
import { fingerprint, stamp } from "./fingerprint.mjs";
import { inRoot } from "./paths.mjs";
import { Problem } from "./problem.mjs";

const PROJECTS = ["src", "kernel", "cli"];
const CONFIGURATION = ["package.json", "package-lock.json", "tsconfig.base.json", "tsconfig.json"];

/** The TypeScript projects that notebooks need, or all with the tests; each list names what its outcome depends on. */
const TARGETS = {
  notebooks: { projects: PROJECTS, sources: [...PROJECTS, "views", ...CONFIGURATION] },
  tests: { projects: ["."], sources: [...PROJECTS, "views", "tests", "bench", ...CONFIGURATION] },
};

const built = (target) => stamp(inRoot("dist", `.built-for-${target}`));

/** @param {keyof typeof TARGETS} target */
export function buildIsCurrent(target) {
  return built(target).matches(fingerprint(TARGETS[target].sources));
}

/** Compiles what has changed into dist/. */
export async function buildTypeScript(target, signal) {
  const { projects, sources } = TARGETS[target];
  const before = fingerprint(sources);
  try {
    await run(process.execPath, [inRoot("node_modules/typescript/bin/tsc"), "--build", ...projects], { signal });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    throw new Problem(`${error.output.trimEnd()}\n\nThe sources do not compile; the errors are above.`);
  }
  built(target).write(before);
}
