#!/usr/bin/env node
/** The command `phasebook`: puts kernel and extension into a Jupyter, takes them out, and says what is missing. */
import { parseArgs } from "node:util";
import { CommandError, UsageError } from "./command-error.js";
import { doctor } from "./doctor.js";
import { install, uninstall } from "./install.js";
import { installNode } from "./install-node.js";
import { dataFolder } from "./jupyter-folders.js";
import { packageRoot, packageVersion } from "./package-root.js";

const HELP = `Usage: phasebook <command> [options]

Commands
  install       Put the TypeScript kernel and the JupyterLab extension into a Jupyter.
  uninstall     Take them out again; the same options as for install.
  install-node  Fetch a Node 24 from npm (190 MB), on which the kernel then runs cells, faster;
                for a system whose own Node is older.
  doctor        Say what is found of Node, Python, JupyterLab, kernel, extension and engines,
                and what is missing; the exit status is 1 when something is.

Where to (one of)
  --user         the user's own Jupyter folder (the default)
  --sys-prefix   the active Python environment (venv, conda)
  --prefix DIR   DIR/share/jupyter

  --help, --version
`;

const OPTIONS = {
  user: { type: "boolean" },
  "sys-prefix": { type: "boolean" },
  prefix: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.version) {
    console.log(packageVersion);
    return 0;
  }
  const [command, ...extra] = positionals;
  if (values.help || command === undefined) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  if (extra.length > 0) throw new UsageError(`Too many arguments: ${extra.join(" ")}.`);
  switch (command) {
    case "install":
      install({ dataFolder: await dataFolder(values), packageRoot, nodePath: process.execPath });
      return 0;
    case "uninstall":
      uninstall({ dataFolder: await dataFolder(values) });
      return 0;
    case "install-node":
      await installNode(packageRoot);
      return 0;
    case "doctor":
      return (await doctor({ packageRoot, prefix: values.prefix })) ? 0 : 1;
    default:
      throw new UsageError(`Unknown command "${command}".`);
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitStatus;
}
