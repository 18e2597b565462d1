/**
 * The kernel against Jupyter's own Python client: the conformance suite jupyter_kernel_test and the cases of this
 * folder's `test_*.py`. They need the environment that `npm run setup` makes; PHASEBOOK_PYTHON names another Python.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { kernelspec } from "../../kernel/kernelspec.js";
import { fromRoot, repositoryRoot, venvPython } from "../support/paths.js";
import { run } from "../support/run.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const python = process.env.PHASEBOOK_PYTHON ?? venvPython;
const folder = fromRoot("tests/kernel");
const cases = readdirSync(folder).filter((name) => /^test_\w+\.py$/.test(name));

/** A folder of Jupyter data with the kernelspec of this checkout and nothing else. */
async function installKernelspec(data: string): Promise<void> {
  const target = join(data, "kernels", "phasebook");
  await mkdir(target, { recursive: true });
  await cp(fromRoot("jupyter-config/kernelspec"), target, { recursive: true });
  await writeFile(join(target, "kernel.json"), JSON.stringify(kernelspec(process.execPath, repositoryRoot)));
}

for (const name of cases) {
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
      PYTHONDONTWRITEBYTECODE: "1",
    };
    const { status, output } = await run(python, ["-m", "unittest", "-v", name.replace(/\.py$/, "")], {
      cwd: folder,
      env,
    });
    assert.equal(status, 0, output);
    assert.doesNotMatch(output, /skipped/, "no test may be skipped");
  });
}
