/** Where things lie in a checkout, seen from the compiled tests in dist/tests. */
import { fileURLToPath } from "node:url";

/** Root folder of the repository. */
export const repositoryRoot = fileURLToPath(new URL("../../../", import.meta.url));

/** Absolute path of `relative`, which starts at the root of the repository. */
export function fromRoot(relative: string): string {
  return fileURLToPath(new URL(`../../../${relative}`, import.meta.url));
}

/** Python of the private environment that `npm run setup` makes. */
export const venvPython = fromRoot(".venv/bin/python");
