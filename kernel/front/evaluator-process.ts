/** The evaluator seen from the front process: a child with three pipes that can be replaced at any time. */
import { spawn, type ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { encodeFrame, FrameReader, type Frame } from "../link/frames.js";
import { toMegabytes } from "./memory-limit.js";
import { PIPES, type Command, type ControlCommand, type ControlReport, type Report } from "../link/messages.js";

const MAIN = fileURLToPath(new URL("../evaluator/main.js", import.meta.url));
/**
 * Warnings that would appear among the user's output, about what the kernel itself uses: process.binding (see
 * inspector.ts) and module.register. Node before 20.11 can only silence all.
 */
const SILENCED = process.allowedNodeEnvironmentFlags.has("--disable-warning")
  ? ["ExperimentalWarning", "DEP0111", "DEP0205"].map((warning) => `--disable-warning=${warning}`)
  : ["--no-warnings"];
/** Without the first, terminating a timer's callback aborts Node. */
const NODE_FLAGS = ["--no-force-async-hooks-checks", ...SILENCED];
/** What V8 writes when it dies of memory; not for the user, who gets a message. */
const V8_DEATH = /<--- Last few GCs --->|FATAL ERROR:/;

/** How an evaluator ended by itself. */
export interface EvaluatorExit {
  /** Exit code that user code asked for by `process.exit()`; undefined if the process died otherwise. */
  requested: number | undefined;
  code: number | null;
  signal: NodeJS.Signals | null;
  outOfMemory: boolean;
  /** Why the program could not be started at all. */
  startError?: Error | undefined;
}

export interface EvaluatorEvents {
  onReport(report: Report, parts: Uint8Array[]): void;
  onControl(report: ControlReport): void;
  /** Text written to the process's own file descriptors, by child processes and native code. */
  onNativeOutput(name: "stdout" | "stderr", text: string): void;
  onExit(exit: EvaluatorExit): void;
}

export interface EvaluatorOptions {
  /** The notebook's folder, the working directory. */
  folder: string;
  /** Folder of the package phasebook. */
  packageRoot: string;
  /** Bytes that the process may occupy. */
  memoryLimit: number;
}

export class EvaluatorProcess {
  readonly #child: ChildProcess;
  #startError: Error | undefined;
  readonly #commands: Writable;
  readonly #control: Writable;
  #requestedExit: number | undefined;
  #outOfMemory = false;
  #stopped = false;

  /** @param nodePath The Node that runs it. */
  constructor(nodePath: string, { folder, packageRoot, memoryLimit }: EvaluatorOptions, events: EvaluatorEvents) {
    // V8's own limit would otherwise be far below that of the machine.
    const heapLimit = `--max-old-space-size=${toMegabytes(memoryLimit)}`;
    this.#child = spawn(nodePath, [...NODE_FLAGS, heapLimit, MAIN, packageRoot, String(memoryLimit)], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"],
    });
    const stdio = this.#child.stdio as readonly unknown[];
    this.#commands = stdio[PIPES.commands] as Writable;
    this.#control = stdio[PIPES.control] as Writable;
    readFrames<Report>(stdio[PIPES.reports] as Readable, ({ header, parts }) => {
      if (header.type === "exit") {
        if ("code" in header) this.#requestedExit = header.code;
        this.#child.kill("signal" in header ? header.signal : "SIGKILL");
      } else if (!this.#stopped) events.onReport(header, parts);
    });
    readFrames<ControlReport>(stdio[PIPES.control] as Readable, ({ header }) => {
      if (header.type === "memory_exceeded") {
        this.#outOfMemory = true;
        this.#child.kill("SIGKILL");
      } else if (!this.#stopped) events.onControl(header);
    });
    this.#readNativeOutput(events);
    for (const stream of [this.#commands, this.#control]) stream.on("error", () => undefined);
    this.#child.on("error", (error) => (this.#startError = error));
    this.#child.on("close", (code, signal) => {
      const [requested, outOfMemory, startError] = [this.#requestedExit, this.#outOfMemory, this.#startError];
      if (!this.#stopped) events.onExit({ requested, code, signal, outOfMemory, startError });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(command: Command, parts: Uint8Array[] = []): void {
    writeFrame(this.#commands, encodeFrame(command, parts));
  }

  control(command: ControlCommand): void {
    writeFrame(this.#control, encodeFrame(command));
  }

  /** Ends the process for good; none of its events arrives afterwards. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await exited;
  }

  #readNativeOutput(events: EvaluatorEvents): void {
    const { stdout, stderr } = this.#child;
    stdout?.setEncoding("utf8").on("data", (text: string) => events.onNativeOutput("stdout", text));
    stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#outOfMemory ||= V8_DEATH.test(text);
      if (!this.#outOfMemory && !this.#stopped) events.onNativeOutput("stderr", text);
    });
  }
}

function readFrames<Header>(stream: Readable, onFrame: (frame: Frame<Header>) => void): void {
  const reader = new FrameReader<Header>();
  stream.on("data", (chunk: Buffer) => reader.push(chunk).forEach(onFrame));
  stream.on("error", () => undefined);
}

function writeFrame(stream: Writable, chunks: Uint8Array[]): void {
  stream.cork();
  for (const chunk of chunks) stream.write(chunk);
  stream.uncork();
}
