import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Without retries: where there is no network, a user should hear it soon. */
const OPTIONS = ["--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline", "--fetch-retries=0"];
const TIMEOUT_MS = 300_000;

/** Runs the npm that runs this, else the one on the PATH, in a folder; rejects with what it says when it fails. */
export async function runNpm(args: readonly string[], folder: string): Promise<void> {
  const running = process.env.npm_execpath;
  const [command, first] = running?.endsWith(".js") === true ? [process.execPath, [running]] : ["npm", []];
  const shell = process.platform === "win32" && first.length === 0;
  await promisify(execFile)(command, [...first, ...args, ...OPTIONS], { cwd: folder, timeout: TIMEOUT_MS, shell });
}
