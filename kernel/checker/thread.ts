/** A thread with TypeScript's language service over the notebook's cells: started when first asked, dropped when idle. */
import { Worker } from "node:worker_threads";
import { Gate } from "./gate.js";
import type { CheckerRequests, CheckerSetup, FromChecker, RecordedCell, RequestType } from "./messages.js";

/** After so long without a request the thread and its memory are given back, in milliseconds. */
const IDLE_MS = 5 * 60_000;

interface Waiting {
  resolve(reply: unknown): void;
  reject(error: Error): void;
}

/** What a thread is started with, but for what it makes itself. */
type ThreadSetup = Omit<CheckerSetup, "cells" | "gate">;

export class CheckerThread {
  readonly #setup: ThreadSetup;
  readonly #cells: readonly RecordedCell[];
  readonly #waiting = new Map<number, Waiting>();
  /** How many of the cells the worker knows. */
  #sent = 0;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #requests = 0;
  readonly #gate = new Gate();
  #paused = false;
  /** Requests whose answers somebody waits for. */
  #urgent = 0;

  /** @param cells All that ran; the thread hears of new ones with its next request, so that cells do not wake it. */
  constructor(setup: ThreadSetup, cells: readonly RecordedCell[]) {
    this.#setup = setup;
    this.#cells = cells;
  }

  get isLoaded(): boolean {
    return this.#worker !== undefined;
  }

  /** Whether the thread is to stand still, unless it has a request that somebody waits for. */
  set paused(paused: boolean) {
    this.#paused = paused;
    this.#setGate();
  }

  /** @param patient Whether nobody waits for the answer, so that it may come after a pause. */
  async ask<Type extends RequestType>(
    type: Type,
    request: CheckerRequests[Type]["request"],
    patient: boolean,
  ): Promise<CheckerRequests[Type]["reply"]> {
    if (patient) return this.#send(type, request);
    this.#urgent++;
    this.#setGate();
    try {
      return await this.#send(type, request);
    } finally {
      this.#urgent--;
      this.#setGate();
    }
  }

  #setGate(): void {
    if (this.#paused && this.#urgent === 0) this.#gate.shut();
    else this.#gate.open();
  }

  #send<Type extends RequestType>(
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

  /** Ends the thread; the next request starts another that knows the same cells. */
  stop(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Error("the type checker was stopped"));
    this.#waiting.clear();
  }

  #start(): Worker {
    const workerData: CheckerSetup = { ...this.#setup, gate: this.#gate.memory, cells: this.#cells };
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
