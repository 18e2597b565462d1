import { execFile } from "node:child_process";

/** What a program prints to stdout, trimmed; undefined when it is not there or fails. */
export function capture(command: string, args: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: 20_000 }, (error, stdout) => {
      resolve(error ? undefined : stdout.trim());
    });
  });
}
