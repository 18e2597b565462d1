/** The kernel under the programs that people run notebooks with; `npm test` puts them into .venv/clients. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after } from "node:test";
import { fromRoot, repositoryRoot } from "../support/paths.js";
import { testPythonSuites } from "../support/python-suite.js";

/** Where pip has put the programs' modules: the folder has Python's version in its name. */
function clientModules(): string {
  const library = fromRoot(".venv/clients/lib");
  const [version] = readdirSync(library);
  assert.ok(version, `Nothing in ${library}: run \`npm test\`, which installs what the tests need.`);
  return join(library, version, "site-packages");
}

/** The entry points of python/pyproject.toml as an installed package has them, without installing it. */
async function entryPoints(): Promise<string> {
  const project = await readFile(fromRoot("python/pyproject.toml"), "utf8");
  const sections = project.matchAll(/^\[project\.entry-points\."(.+)"\]\n((?:[^[\n].*\n)+)/gm);
  const lines = [...sections].map(([, group, entries = ""]) => `[${group}]\n${entries.replaceAll('"', "")}`);
  assert.notEqual(lines.length, 0);
  const folder = await mkdtemp(join(tmpdir(), "phasebook-entry-points-"));
  const information = join(folder, "phasebook_kernel-0.dist-info");
  await mkdir(information);
  await writeFile(join(information, "METADATA"), "Metadata-Version: 2.1\nName: phasebook_kernel\nVersion: 0\n");
  await writeFile(join(information, "entry_points.txt"), lines.join("\n"));
  return folder;
}

const installed = await entryPoints();
after(() => rm(installed, { recursive: true }));

testPythonSuites(fromRoot("tests/clients"), {
  PYTHONPATH: [clientModules(), fromRoot("python"), installed].join(delimiter),
  // nbgrader starts alembic, a program that was installed with it.
  PATH: [fromRoot(".venv/clients/bin"), process.env.PATH].join(delimiter),
  PHASEBOOK_ROOT: repositoryRoot,
  PHASEBOOK_TYPECHECK: "off",
});
