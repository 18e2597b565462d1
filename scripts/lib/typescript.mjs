import { bundleFigureWidget } from "./bundle.mjs";
import { CommandFailure, run } from "./commands.mjs";
import { fingerprint, stamp } from "./fingerprint.mjs";
import { inRoot } from "./paths.mjs";
import { Problem } from "./problem.mjs";

const PROJECTS = ["src", "views/dom", "kernel", "cli"];
const CONFIGURATION = [
  "package.json",
  "package-lock.json",
  "tsconfig.base.json",
  "tsconfig.json",
  "scripts/lib/bundle.mjs",
];

/** What can be built: its projects, the folders and files that it depends on, and what is built along with it. */
const TARGETS = {
  notebooks: { projects: PROJECTS, sources: [...PROJECTS, "views", ...CONFIGURATION], includes: [] },
  tests: {
    projects: ["."],
    sources: [...PROJECTS, "views", "tests", "bench", ...CONFIGURATION],
    includes: ["notebooks"],
  },
};

const built = (target) => stamp(inRoot("dist", `.built-for-${target}`));

/**
 * Whether dist/ was built from the present sources.
 *
 * @param {keyof typeof TARGETS} target what notebooks need, or everything with the tests
 */
export function buildIsCurrent(target) {
  return built(target).matches(fingerprint(TARGETS[target].sources));
}

/** Compiles what has changed into dist/, and bundles what figures carry. */
export async function buildTypeScript(target, signal) {
  const { projects, includes } = TARGETS[target];
  const before = [target, ...includes].map((name) => [name, fingerprint(TARGETS[name].sources)]);
  try {
    await run(process.execPath, [inRoot("node_modules/typescript/bin/tsc"), "--build", ...projects], { signal });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    throw new Problem(`${error.output.trimEnd()}\n\nThe sources do not compile; the errors are above.`);
  }
  await bundleFigureWidget();
  for (const [name, sources] of before) built(name).write(sources);
}
