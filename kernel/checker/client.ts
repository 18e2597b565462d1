/** The checker as the front process uses it: started when first asked, dropped when idle. */
import { Worker } from "node:worker_threads";
import type { CheckerRequests, FromChecker, RecordedCell, RequestType } from "./messages.js";

/** After so long without a request the thread and its memory are given back, in milliseconds. */
const IDLE_MS = 5 * 60_000;
/** A user who has asked nothing for so long, in milliseconds, is not typing. */
const QUIET_MS = 250;

interface Waiting {
  resolve(reply: unknown): void;
  reject(error: Error): void;
}

export class Checker {
  readonly #folder: string;
  readonly #packageRoot: string;
  readonly #waiting = new Map<number, Waiting>();
  #cells: RecordedCell[] = [];
  /** How many of them the worker knows. */
  #sent = 0;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #requests = 0;
  /** Questions of the user that wait for their answers, and when there was one last. */
  #questions = 0;
  #lastQuestion = -Infinity;

  constructor(folder: string, packageRoot: string) {
    this.#folder = folder;
    this.#packageRoot = packageRoot;
  }

  get isLoaded(): boolean {
    return this.#worker !== undefined;
  }

  /** Makes the names of a cell known to later ones. The worker hears of it with the next request: cells must not wake it. */
  record(cell: RecordedCell): void {
    this.#cells.push(cell);
  }

  /** Asks on behalf of the user, who waits for the answer. */
  async question<Type extends "complete" | "inspect">(
    type: Type,
    request: CheckerRequests[Type]["request"],
  ): Promise<CheckerRequests[Type]["reply"]> {
    this.#questions++;
    try {
      return await this.ask(type, request);
    } finally {
      this.#questions--;
      this.#lastQuestion = performance.now();
    }
  }

  /** Resolves when no question has come for a while: the thread does one thing at a time, and a check takes long. */
  async untilQuiet(): Promise<void> {
    for (;;) {
      const rest = this.#questions > 0 ? QUIET_MS : this.#lastQuestion + QUIET_MS - performance.now();
      if (rest <= 0) return;
      await new Promise((resolve) => setTimeout(resolve, rest).unref());
    }
  }

  ask<Type extends RequestType>(
    type: Type,
    request: CheckerRequests[Type]["request"],
  ): Promise<CheckerRequests[Type]["reply"]> {
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#requests;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.stop(), IDLE_MS).unref();
    return new Promise<CheckerRequests[Type]["reply"]>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      for (; this.#sent < this.#cells.length; this.#sent++)
        worker.postMessage({ type: "record", cell: this.#cells[this.#sent] });
      worker.postMessage({ type, id, request });
    });
  }

  /** Forgets all cells: the evaluator that knew them is gone. */
  reset(): void {
    this.#cells = [];
    this.stop();
  }

  /** Ends the thread; the next request starts another that knows the same cells. */
  stop(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Error("the type checker was stopped"));
    this.#waiting.clear();
  }

  #start(): Worker {
    const workerData = { folder: this.#folder, packageRoot: this.#packageRoot, cells: this.#cells };
    const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData });
    this.#sent = this.#cells.length;
    worker.on("message", (message: FromChecker) => {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if ("error" in message) waiting?.reject(new Error(message.error));
      else waiting?.resolve(message.reply);
    });
    worker.on("error", () => this.stop());
    return worker;
  }
}
