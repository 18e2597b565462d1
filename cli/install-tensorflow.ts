import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { findTensorflow } from "../src/engines/index.js";
import { CommandError } from "./command-error.js";
import { runNpm } from "./npm.js";

const VERSION = "4.22.0";
/** Its own code, in JavaScript: 53 MB. */
const PLAIN = [`@tensorflow/tfjs-core@${VERSION}`, `@tensorflow/tfjs-backend-cpu@${VERSION}`];
const NATIVE = [`@tensorflow/tfjs-node@${VERSION}`];
/** Python wheels with a native TensorFlow. */
const WHEELS = { cpu: "tensorflow-cpu==2.21.0", cuda: "tensorflow==2.21.0" } as const;
const BUILD_TIMEOUT_MS = 900_000;

export interface InstallTensorflowOptions {
  /** Without the native TensorFlow. */
  readonly javascript?: boolean | undefined;
  /** With TensorFlow's kernels for NVIDIA GPUs. */
  readonly cuda?: boolean | undefined;
}

/**
 * Puts TensorFlow.js beside the package, for the engine `tensorflow`. The native addon is built against the TensorFlow of a
 * Python wheel: its own install script fetches from a host that many networks block. That takes python3 with pip, a C++
 * compiler, 900 MB and a minute.
 */
export async function installTensorflow(
  packageRoot: string,
  { javascript = false, cuda = false }: InstallTensorflowOptions,
): Promise<void> {
  const folder = join(packageRoot, "tensorflow");
  if (!javascript) checkPlatform();
  await install(javascript ? PLAIN : NATIVE, folder);
  if (!javascript) await build(folder, cuda ? WHEELS.cuda : WHEELS.cpu);
  console.log(`The engine "tensorflow" has ${findTensorflow()?.description ?? "nothing to run on"}.`);
}

function checkPlatform(): void {
  const { platform, arch } = process;
  if (platform === "linux" && arch === "x64") return;
  throw new CommandError(
    `The native TensorFlow is built for Linux on x64, this is ${platform} on ${arch}. ` +
      "`npx phasebook install-tensorflow --javascript` installs TensorFlow.js without it.",
  );
}

async function install(packages: readonly string[], folder: string): Promise<void> {
  try {
    await runNpm(["install", "--no-save", "--no-package-lock", "--ignore-scripts", ...packages], folder);
  } catch (error) {
    throw new CommandError(`npm could not install ${packages.join(" and ")} into ${folder}: ${reasonOf(error)}`);
  }
}

async function build(folder: string, wheel: string): Promise<void> {
  console.log(`Building the native addon with ${wheel} …`);
  const addon = join(folder, "node_modules/@tensorflow/tfjs-node");
  try {
    const script = join(folder, "tfjs-node-from-wheel.sh");
    await promisify(execFile)("bash", [script, addon, wheel], { timeout: BUILD_TIMEOUT_MS, maxBuffer: 2 ** 26 });
  } catch (error) {
    throw new CommandError(
      `The native TensorFlow could not be built: ${reasonOf(error)}\nIt takes python3 with pip, a C++ compiler, and registries ` +
        "within reach. The engine runs without it, on TensorFlow.js's own code.",
    );
  }
}

/** The last lines of what a command has said, which tell why it failed. */
function reasonOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr?.trim() || message).split("\n").slice(-5).join("\n");
}
