import { spawn } from "node:child_process";
import { root } from "./paths.mjs";

/** A program that could not be started or ended with an error. */
export class CommandFailure extends Error {
  /**
   * @param {string} message
   * @param {string} output what it printed to both streams
   * @param {string} [code] the system's error code when it could not be started
   */
  constructor(message, output, code) {
    super(message);
    this.output = output;
    this.code = code;
  }
}

/**
 * Runs a program quietly to its end and resolves with what it printed to stdout; rejects with a {@link CommandFailure}.
 * Aborting `signal` ends the program.
 */
export function run(command, args, { cwd = root, env = process.env, signal } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, signal, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    child.on("error", (error) =>
      reject(new CommandFailure(`${command} could not be run: ${error.message}`, output, error.code)),
    );
    child.on("close", (status, signalName) => {
      if (status === 0) resolve(stdout);
      else
        reject(
          new CommandFailure(
            `"${[command, ...args].join(" ")}" ended with ${signalName ?? `exit status ${status}`}`,
            output,
          ),
        );
    });
  });
}
