/** The kernels that are compared: how each is installed and started, and the same cells in its language. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kernelspec } from "../../kernel/kernelspec.js";
import { npmPeer, peerProgram, repositoryRoot, venvPython } from "./environment.js";
import { LineProcess } from "./line-process.js";

/** Cells that do the same in each language. */
export interface Cells {
  expression: string;
  output: string;
  definition: string;
  /** Prints "line 0" to "line 999999". */
  lines: string;
  computes: string;
  blocks: string;
  awaits: string;
  /** Code whose last name can be completed and inspected. */
  complete: string;
  inspect: string;
}

const SECONDS = 60;

const TYPESCRIPT: Cells = {
  expression: "1 + 1",
  output: 'console.log("x")',
  definition: "function f(x: number) { return x + 1 }",
  lines: 'for (let i = 0; i < 1_000_000; i++) console.log("line " + i)',
  computes: `{ const end = Date.now() + ${SECONDS * 1000}; while (Date.now() < end) Math.sqrt(2); }`,
  blocks: `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${SECONDS * 1000})`,
  awaits: `await new Promise((resolve) => setTimeout(resolve, ${SECONDS * 1000}))`,
  complete: "Math.s",
  inspect: "Math.sqrt",
};

const PYTHON: Cells = {
  expression: "1 + 1",
  output: 'print("x")',
  definition: "def f(x): return x + 1",
  lines: 'for i in range(1_000_000): print("line", i)',
  computes: `import time\nend = time.time() + ${SECONDS}\nwhile time.time() < end: pass`,
  blocks: `import threading\nthreading.Event().wait(${SECONDS})`,
  awaits: `import asyncio\nawait asyncio.sleep(${SECONDS})`,
  complete: "str.s",
  inspect: "str.split",
};

export interface KernelUnderTest {
  name: string;
  version: string;
  cells: Cells;
  argv: readonly string[];
  env?: Readonly<Record<string, string>>;
}

export function phasebook(node = process.execPath, env: Record<string, string> = {}): KernelUnderTest {
  const { argv } = kernelspec(node, repositoryRoot);
  // The Node given for all of it; and no trace of what is measured in the user's history.
  const own = { PHASEBOOK_NODE: node, PHASEBOOK_HISTORY: "" };
  return { name: "Phasebook", version: "", cells: TYPESCRIPT, argv, env: { ...own, ...env } };
}

/** The peers by name; what cannot be installed or started is told when it is asked for. */
export const PEERS: Readonly<Record<string, () => KernelUnderTest>> = {
  ipykernel: () => ({
    name: "ipykernel",
    version: output(venvPython, ["-c", "import ipykernel; print(ipykernel.__version__)"]),
    cells: PYTHON,
    argv: [venvPython, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
  }),
  tslab: () => {
    const program = npmPeer("tslab@1.0.22", "tslab/bin/tslab");
    const argv = [process.execPath, program, "kernel", "--config-path", "{connection_file}"];
    return { name: "tslab", version: "1.0.22", cells: TYPESCRIPT, argv };
  },
  Deno: () => {
    const program = npmPeer("deno@2.9.6", ".bin/deno");
    const argv = [program, "jupyter", "--kernel", "--conn", "{connection_file}"];
    return { name: "Deno", version: "2.9.6", cells: TYPESCRIPT, argv };
  },
};

/** A kernel that runs, behind a client of its own process. */
export class RunningKernel {
  readonly #client: LineProcess;
  readonly #folder: string;
  /** Milliseconds from starting the process to the reply to its first cell. */
  readonly startTime: number;

  private constructor(client: LineProcess, folder: string, startTime: number) {
    this.#client = client;
    this.#folder = folder;
    this.startTime = startTime;
  }

  static async start({ argv, env }: KernelUnderTest): Promise<RunningKernel> {
    const folder = mkdtempSync(join(tmpdir(), "phasebook-bench-"));
    const target = join(folder, "kernels", "measured");
    mkdirSync(target, { recursive: true });
    const spec = { argv, env: env ?? {}, display_name: "measured", language: "any" };
    writeFileSync(join(target, "kernel.json"), JSON.stringify(spec));
    process.env["JUPYTER_PATH"] = folder;
    const client = new LineProcess(venvPython, [peerProgram("kernel-client.py"), "measured"]);
    return new RunningKernel(client, folder, Number(await client.read()));
  }

  /** Asks the client for one of its actions; throws what the kernel did wrong. */
  async ask<Value>(action: string, parameters: object = {}): Promise<Value> {
    const answer = await this.#client.ask(JSON.stringify({ do: action, ...parameters }));
    const { value, error } = JSON.parse(answer) as { value: Value; error?: string };
    if (error !== undefined) throw new Error(error);
    return value;
  }

  async close(): Promise<void> {
    await this.#client.close();
    rmSync(this.#folder, { recursive: true });
  }
}

function output(command: string, args: string[]): string {
  if (!existsSync(command)) throw new Error(`not installed: there is no ${command}; run npm run setup`);
  return execFileSync(command, args, { encoding: "utf8" }).trim();
}
