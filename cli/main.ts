#!/usr/bin/env node
/** The command `phasebook`: puts the kernel into a Jupyter, says what is missing, lists notebooks and reproduces them. */
import { parseArgs } from "node:util";
import { CommandError, UsageError } from "./command-error.js";
import { doctor } from "./doctor.js";
import { install, uninstall } from "./install.js";
import { installNode } from "./install-node.js";
import { installTensorflow } from "./install-tensorflow.js";
import { dataFolder } from "./jupyter-folders.js";
import { list } from "./notebooks/list-command.js";
import { runReproduce } from "./reproduce/arguments.js";
import { packageRoot, packageVersion } from "./package-root.js";

const HELP = `Usage: phasebook <command> [options]

Commands
  install       Put the TypeScript kernel and the JupyterLab extension into a Jupyter.
  uninstall     Take them out again; the same options as for install.
  install-node  Fetch a Node 24 from npm (190 MB), on which the kernel then runs cells, faster;
                for a system whose own Node is older.
  install-tensorflow
                Fetch TensorFlow.js for the engine "tensorflow", with a native TensorFlow from
                a Python wheel (900 MB; with --cuda one for NVIDIA GPUs), or with --javascript
                without it (53 MB).
  doctor        Say what is found of Node, Python, JupyterLab, kernel, extension and engines,
                and what is missing; the exit status is 1 when something is.
  list          The notebooks, with their claims and run times.
  reproduce     Run notebooks (ID or FILE …, or --all) and compare claims and figures with the
                committed ones. Exit status: 0 all claims met, 1 a claim failed, 2 a notebook
                failed to run, 3 numbers or figures differ, 4 budget spent (2 before 1 before
                3 before 4).

Where to (one of)
  --user         the user's own Jupyter folder (the default)
  --sys-prefix   the active Python environment (venv, conda)
  --prefix DIR   DIR/share/jupyter

List
  --json, --markdown

Reproduce
  --all              all notebooks of the package
  --size toy|full    --seed N    --engine NAME
  --report DIR       where report.html, report.json, junit.xml, ro-crate-metadata.json and the
                     executed notebooks go (default: phasebook-report)
  --budget 20m       stop when the time is spent; what was not run is reported as such
  --timeout 10m      time for each notebook
  --resume           go on where a killed command with the same settings was
  --update           put the outputs into the notebooks themselves
  --exercises        run the exercises, too: solutions pass their checks, stubs do not

  --help, --version
`;

const OPTIONS = {
  user: { type: "boolean" },
  "sys-prefix": { type: "boolean" },
  prefix: { type: "string" },
  json: { type: "boolean" },
  markdown: { type: "boolean" },
  all: { type: "boolean" },
  size: { type: "string" },
  seed: { type: "string" },
  engine: { type: "string" },
  report: { type: "string" },
  cuda: { type: "boolean" },
  javascript: { type: "boolean" },
  budget: { type: "string" },
  timeout: { type: "string" },
  resume: { type: "boolean" },
  update: { type: "boolean" },
  exercises: { type: "boolean" },
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
  if (command === "reproduce") return runReproduce(extra, values);
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
    case "list":
      console.log(await list(values));
      return 0;
    case "install-tensorflow":
      await installTensorflow(packageRoot, values);
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
