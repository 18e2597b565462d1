import { spawn } from "node:child_process";
import { once } from "node:events";
import { fromRoot } from "./paths.js";

/** How a program ended, and what it printed to both streams. */
export interface Outcome {
  status: number | null;
  output: string;
}

export interface RunOptions {
  /** Working directory; the repository when left out. */
  cwd?: string;
  /** Variables on top of this process's own. */
  env?: NodeJS.ProcessEnv;
  /** User and group to run as; only root may say so. */
  uid?: number;
}

/** Runs a program to its end. */
export async function run(command: string, args: string[], options: RunOptions = {}): Promise<Outcome> {
  const { cwd = fromRoot("."), env, uid } = options;
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [status] = (await once(child, "close")) as [number | null];
  return { status, output };
}

/** Runs Node to its end. */
export const runNode = (args: string[], options?: RunOptions): Promise<Outcome> => run(process.execPath, args, options);
