import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Runs a script with a file in a process of its own, which kills itself (SIGKILL) once it has done `step` steps. */
export async function killProcessAt(script: URL, file: string, step: number): Promise<void> {
  const command = [fileURLToPath(script), file, String(step)];
  const child = spawn(process.execPath, command, { stdio: ["ignore", "ignore", "inherit"] });
  assert.deepEqual(await once(child, "exit"), [null, "SIGKILL"]);
}
