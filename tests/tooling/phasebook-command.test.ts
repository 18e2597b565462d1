import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { chmod, cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fromRoot, venvPython } from "../support/paths.js";
import { type Outcome, run, runNode, type RunOptions } from "../support/run.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const command = fromRoot("dist/cli/main.js");
const phasebook = (args: string[], options?: RunOptions): Promise<Outcome> => runNode([command, ...args], options);

/** Jupyter's own word on what lies under a prefix. */
const jupyter = (prefix: string, ...args: string[]): Promise<Outcome> =>
  run(venvPython, ["-m", "jupyter", ...args], {
    env: {
      JUPYTER_PATH: join(prefix, "share", "jupyter"),
      PATH: `${fromRoot(".venv/bin")}:${process.env["PATH"] ?? ""}`,
    },
  });

test("Jupyter finds what install puts there, and nothing after uninstall", async (context) => {
  const prefix = await temporaryFolder(context);
  const installed = await phasebook(["install", "--prefix", prefix]);
  assert.equal(installed.status, 0, installed.output);

  const specs = join(prefix, "share", "jupyter", "kernels", "phasebook");
  const { output } = await jupyter(prefix, "kernelspec", "list");
  assert.match(output, new RegExp(`phasebook\\s+${specs}`));
  const { argv } = JSON.parse(readFileSync(join(specs, "kernel.json"), "utf8")) as { argv: string[] };
  assert.equal(argv[0], process.execPath, "an absolute path, for servers with another PATH");
  assert.ok(argv.includes(fromRoot("dist/kernel/main.js")));
  const extensions = await jupyter(prefix, "labextension", "list");
  assert.match(extensions.output, /@phasebook\/jupyterlab v\S+ .*enabled.*OK/);

  const removed = await phasebook(["uninstall", "--prefix", prefix]);
  assert.equal(removed.status, 0, removed.output);
  assert.deepEqual(readdirSync(join(prefix, "share", "jupyter"), { recursive: true }).sort(), [
    "kernels",
    "labextensions",
  ]);
  const again = await phasebook(["uninstall", "--prefix", prefix]);
  assert.match(again.output, /Nothing of Phasebook is in /);
  assert.equal(again.status, 0);
});

test("all users can read what install writes, whatever the umask", async (context) => {
  const prefix = join(await temporaryFolder(context), "new");
  const script = `umask 077; exec "$0" "$1" install --prefix "$2"`;
  const { status, output } = await run("sh", ["-c", script, process.execPath, command, prefix]);
  assert.equal(status, 0, output);
  for (const name of ["", ...readdirSync(prefix, { recursive: true, encoding: "utf8" })]) {
    const entry = statSync(join(prefix, name));
    assert.equal(entry.mode & 0o777, entry.isDirectory() ? 0o755 : 0o644, name);
  }
});

test("install says when others will see a kernel that they cannot run", async (context) => {
  const folder = await temporaryFolder(context);
  await chmod(folder, 0o755);
  const hidden = join(folder, "root");
  await mkdir(hidden, { mode: 0o700 });
  for (const part of [
    "package.json",
    "dist/cli",
    "dist/kernel",
    "dist/src",
    "dist/views",
    "jupyter-config",
    "extension/labextension",
  ])
    await cp(fromRoot(part), join(hidden, part), { recursive: true });
  await symlink(fromRoot("node_modules"), join(hidden, "node_modules"));
  const install = (prefix: string): Promise<Outcome> =>
    runNode([join(hidden, "dist/cli/main.js"), "install", "--prefix", join(folder, prefix)]);
  const seen = await install("prefix");
  assert.match(seen.output, new RegExp(`other users may not read ${hidden}\\. For all users`));
  assert.equal(seen.status, 0);
  const unseen = await install("root/prefix");
  assert.doesNotMatch(unseen.output, /other users/);
  await chmod(hidden, 0o755);
  assert.doesNotMatch((await install("prefix")).output, /other users/);
});

test("--user is the user's Jupyter folder, and --sys-prefix the active environment", async (context) => {
  const home = await temporaryFolder(context);
  const env = { HOME: home, JUPYTER_DATA_DIR: "", XDG_DATA_HOME: "", PATH: fromRoot(".venv/bin") };
  for (const args of [[], ["--user"]]) {
    const { output } = await phasebook(["uninstall", ...args], { env });
    assert.match(output, new RegExp(`Nothing of Phasebook is in ${home}/(.local/share/jupyter|Library/Jupyter)`));
  }
  const jupyterData = join(home, "data");
  const chosen = await phasebook(["uninstall", "--user"], { env: { ...env, JUPYTER_DATA_DIR: jupyterData } });
  assert.match(chosen.output, new RegExp(jupyterData));
  const environment = await temporaryFolder(context);
  const made = await run(venvPython, ["-m", "venv", "--without-pip", environment]);
  assert.equal(made.status, 0, made.output);
  const installed = await phasebook(["install", "--sys-prefix"], { env: { PATH: join(environment, "bin") } });
  assert.equal(installed.status, 0, installed.output);
  assert.ok(existsSync(join(environment, "share", "jupyter", "kernels", "phasebook", "kernel.json")));
});

test("doctor finds everything in .venv, and says what is missing elsewhere", async (context) => {
  const complete = await phasebook(["doctor", "--prefix", fromRoot(".venv")]);
  assert.equal(complete.status, 0, complete.output);
  for (const part of ["Node", "Python", "JupyterLab 4", "Kernelspec", "Extension", "Jupyter widgets", "Engine cpu"]) {
    assert.match(complete.output, new RegExp(`^[✓!] ${part}`, "m"));
  }
  const empty = await phasebook(["doctor", "--prefix", await temporaryFolder(context)]);
  assert.equal(empty.status, 1);
  assert.match(empty.output, /✗ No Python\n {4}→ install Python 3\.10 or later/);
  assert.match(empty.output, /! No extension .*anywidget\n {4}→ `pip install anywidget`/);
  assert.match(empty.output, /✗ No kernelspec "phasebook"\n {4}→ `npx phasebook install`/);
});

test("doctor sees a kernelspec whose program is gone", async (context) => {
  const prefix = await temporaryFolder(context);
  await phasebook(["install", "--prefix", prefix]);
  const file = join(prefix, "share", "jupyter", "kernels", "phasebook", "kernel.json");
  const spec = readFileSync(file, "utf8").replaceAll(process.execPath, "/gone/node");
  await writeFile(file, spec);
  const environment = { JUPYTER_PATH: join(prefix, "share", "jupyter") };
  const { status, output } = await phasebook(["doctor", "--prefix", fromRoot(".venv")], { env: environment });
  assert.match(output, /✗ Kernelspec .* starts \/gone\/node, which is gone/);
  assert.equal(status, 1);
});

test("wrong command lines are explained with exit status 2", async () => {
  const cases: [string[], RegExp][] = [
    [["instal"], /Unknown command "instal"\. `phasebook --help`/],
    [["install", "--user", "--prefix", "/tmp"], /--user, --sys-prefix and --prefix exclude each other/],
    [["install", "--global"], /Unknown option '--global'/],
    [["install", "there"], /Too many arguments: there/],
    [["install", "--prefix="], /--prefix is empty/],
  ];
  for (const [args, message] of cases) {
    const { status, output } = await phasebook(args);
    assert.match(output, message);
    assert.doesNotMatch(output, /^\s+at /m);
    assert.equal(status, 2);
  }
  assert.match((await phasebook(["--version"])).output, /^\d+\.\d+\.\d+\n$/);
  assert.equal((await phasebook(["--help"])).status, 0);
});

test("a place that cannot be written is named", async (context) => {
  const file = join(await temporaryFolder(context), "file");
  await writeFile(file, "");
  const { status, output } = await phasebook(["install", "--prefix", file]);
  assert.match(output, new RegExp(`Cannot write in ${file}/share/jupyter \\(ENOTDIR.*: use --user, or --prefix`));
  assert.doesNotMatch(output, /^\s+at /m);
  assert.equal(status, 1);
});
