/** Suites of Python's unittest that drive the kernel of this checkout. */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { kernelspec } from "../../kernel/kernelspec.js";
import { fromRoot, repositoryRoot, venvPython } from "./paths.js";
import { run } from "./run.js";
import { temporaryFolder } from "./temporary-folder.js";

const python = process.env.PHASEBOOK_PYTHON ?? venvPython;

/** A folder of Jupyter data with the kernelspec of this checkout and nothing else. */
async function installKernelspec(data: string): Promise<void> {
  const target = join(data, "kernels", "phasebook");
  await mkdir(target, { recursive: true });
  await cp(fromRoot("jupyter-config/kernelspec"), target, { recursive: true });
  await writeFile(join(target, "kernel.json"), JSON.stringify(kernelspec(process.execPath, repositoryRoot)));
}

/**
 * One test for each `test_*.py` of a folder. They need the environment that `npm run setup` makes; PHASEBOOK_PYTHON names
 * another Python.
 *
 * @param environment Variables on top of those that keep Jupyter's folders apart from the user's.
 */
export function testPythonSuites(folder: string, environment: NodeJS.ProcessEnv = {}): void {
  for (const name of readdirSync(folder).filter((file) => /^test_\w+\.py$/.test(file))) {
    test(name, async (context) => {
      assert.ok(existsSync(python), `No Python at ${python}: run \`npm run setup\`, or set PHASEBOOK_PYTHON.`);
      const home = await temporaryFolder(context);
      await installKernelspec(home);
      const env = {
        // Cells run on the Node that runs the tests, also where a faster one is installed.
        PHASEBOOK_NODE: process.env.PHASEBOOK_NODE ?? process.execPath,
        JUPYTER_PATH: home,
        JUPYTER_DATA_DIR: join(home, "data"),
        JUPYTER_RUNTIME_DIR: join(home, "runtime"),
        PHASEBOOK_HISTORY: join(home, "history.jsonl"),
        ...environment,
      };
      const args = ["-m", "unittest", "-v", name.replace(/\.py$/, "")];
      const { status, output } = await run(python, args, { cwd: folder, env });
      assert.equal(status, 0, output);
      assert.doesNotMatch(output, /skipped/, "no test may be skipped");
    });
  }
}
