import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants, setPriority } from "node:os";
import { createInterface, type Interface } from "node:readline";

/** A peer that says a line when it is ready and then answers every line with one. */
export class LineProcess {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  /** `likeWorkers`: at the low priority that worker threads of the CPU engine have, so that others disturb both alike. */
  constructor(
    command: string,
    args: readonly string[],
    { likeWorkers = false, environment = {} }: { likeWorkers?: boolean; environment?: NodeJS.ProcessEnv } = {},
  ) {
    this.child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, ...environment } });
    const { pid } = this.child;
    if (likeWorkers && pid && process.platform === "linux") setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
    const reader: Interface = createInterface({ input: this.child.stdout! });
    this.lines = reader[Symbol.asyncIterator]();
  }

  /** Identifier of the peer's process, to ask the system about it. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** The next line; throws when the peer has ended. */
  async read(): Promise<string> {
    const next = await this.lines.next();
    if (next.done) throw new Error(`The peer ${this.child.spawnargs.join(" ")} ended without an answer.`);
    return next.value;
  }

  ask(line = ""): Promise<string> {
    this.child.stdin!.write(`${line}\n`);
    return this.read();
  }

  async close(): Promise<void> {
    this.child.stdin!.end();
    if (this.child.exitCode === null) await once(this.child, "exit");
  }
}
