import { Worker } from "node:worker_threads";
import type { RunReport } from "../engine.js";
import { CONTROL } from "./memory-plan.js";
import type { FromWorker, ToWorker, WorkerProgram } from "./messages.js";
import { everyone, type Task, tasksFor } from "./packs.js";
import { abandon } from "./shared-steps.js";

/** A run in progress: who is still working, and what went wrong so far. */
interface Job {
  readonly id: number;
  readonly working: Set<number>;
  readonly tasks: readonly Task[];
  /** Members whose worker died or whose step trapped, for the first time: they are run again. */
  readonly lost: Map<number, string>;
  /** Whether it was ended before all members were done. */
  stopped: boolean;
}

/** How long an interrupted run may take to end by itself, in milliseconds. */
const PATIENCE_MS = 200;

/**
 * Worker threads that share the queue of a program's members. A worker that dies is replaced, and the pack of members it
 * was computing is restored to its state before the run and run once more. Idle workers do not keep the process alive.
 */
export class WorkerPool {
  private readonly workers: Worker[];
  private readonly programs = new Map<number, WorkerProgram>();
  private job: Job | undefined;
  /** The program whose run has its turn. */
  private running: number | undefined;
  /** Takes the running program from the workers, if somebody has asked for that. */
  private unloadAfterwards: (() => void) | undefined;
  private finish: (() => void) | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(readonly size: number) {
    this.workers = Array.from({ length: size }, (_, index) => this.start(index));
  }

  /** Makes a program known to all workers. */
  load(program: WorkerProgram): void {
    this.programs.set(program.id, program);
    this.broadcast({ type: "load", program });
  }

  /** Takes a program from all workers, after its run if one is under way; then its memory is nobody's. */
  unload(id: number, released: (memory: WebAssembly.Memory) => void): void {
    if (this.running === id) {
      this.unloadAfterwards = () => this.unload(id, released);
      return;
    }
    const program = this.programs.get(id);
    if (!program) return;
    this.programs.delete(id);
    this.broadcast({ type: "unload", id });
    released(program.memory);
  }

  /**
   * Advances members by a number of steps; runs of different callers take turns. Rejects with the signal's reason when that
   * is aborted and the run does not end soon: then some members have been advanced, and the pool is free for others.
   */
  run(id: number, members: readonly number[], steps: number, signal?: AbortSignal): Promise<RunReport> {
    const turn = this.turn.then(() => this.runWithRetry(id, members, steps, signal));
    this.turn = turn.catch(() => undefined);
    return turn;
  }

  /** Ends all workers; a run in progress ends with them. */
  async dispose(): Promise<void> {
    this.closed = true;
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private async runWithRetry(
    id: number,
    members: readonly number[],
    steps: number,
    signal?: AbortSignal,
  ): Promise<RunReport> {
    this.running = id;
    try {
      const lost = await this.runOnce(id, members, steps, signal);
      if (lost.size === 0) return { failures: [] };
      const again = await this.runOnce(id, [...lost.keys()], steps, signal);
      return { failures: [...again].map(([member, reason]) => ({ member, reason })) };
    } finally {
      this.running = undefined;
      this.unloadAfterwards?.();
      this.unloadAfterwards = undefined;
    }
  }

  private async runOnce(
    id: number,
    members: readonly number[],
    steps: number,
    signal?: AbortSignal,
  ): Promise<Job["lost"]> {
    signal?.throwIfAborted();
    if (this.closed) throw new Error("The CPU engine was disposed; no more programs can run on it.");
    const program = this.programs.get(id);
    if (!program) throw new Error("The program was disposed; load it again to run it.");
    const tasks = tasksFor(members, program.pack, program.members);
    if (!program.stages) return this.carryOut(program, tasks, steps, signal);
    const lost: [number, string][] = [];
    for (const task of tasks) lost.push(...(await this.carryOutTogether(program, task, steps, signal)));
    return new Map(lost);
  }

  /** Advances a member with all threads at once. */
  private async carryOutTogether(
    program: WorkerProgram,
    task: Task,
    steps: number,
    signal?: AbortSignal,
  ): Promise<Job["lost"]> {
    signal?.throwIfAborted();
    const { plan, stateBytes } = program;
    const bytes = new Uint8Array(program.memory.buffer);
    const member = plan.members + task.pack * plan.memberStride;
    bytes.copyWithin(plan.backups, member, member + stateBytes);
    const restore = () => bytes.copyWithin(member, plan.backups, plan.backups + stateBytes);
    try {
      const lost = await this.carryOut(program, [task], steps, signal);
      if (lost.size > 0) restore();
      return lost;
    } catch (error) {
      restore();
      throw error;
    }
  }

  private async carryOut(
    program: WorkerProgram,
    tasks: readonly Task[],
    steps: number,
    signal?: AbortSignal,
  ): Promise<Job["lost"]> {
    const { id } = program;
    const control = controlOf(program);
    control.fill(0, 0, CONTROL.queue);
    control.set(
      tasks.flatMap(({ pack, wanted }) => [pack, wanted]),
      CONTROL.queue,
    );
    control[CONTROL.count] = tasks.length;
    control[CONTROL.steps] = steps;
    control[CONTROL.threads] = this.size;
    const job: Job = { id, working: new Set(this.workers.keys()), tasks, lost: new Map(), stopped: false };
    this.job = job;
    const finished = new Promise<void>((resolve) => (this.finish = resolve));
    for (const worker of this.workers) worker.ref();
    this.broadcast({ type: "run", id });
    const interrupted = (): void => void setTimeout(() => this.stop(job, control), PATIENCE_MS);
    signal?.addEventListener("abort", interrupted, { once: true });
    await finished;
    signal?.removeEventListener("abort", interrupted);
    this.job = undefined;
    for (const worker of this.workers) worker.unref();
    if (job.stopped) signal?.throwIfAborted();
    return job.lost;
  }

  /** Leaves the queue's other members out, and replaces the workers that are in the middle of one. */
  private stop(job: Job, control: Int32Array): void {
    if (this.job !== job) return;
    job.stopped = true;
    Atomics.store(control, CONTROL.next, control[CONTROL.count]!);
    for (const index of job.working) void this.workers[index]!.terminate();
  }

  private start(index: number): Worker {
    const worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: { index } });
    worker.on("message", (message: FromWorker) => this.receive(index, message));
    let reason = "the worker thread ended";
    worker.on("error", (error) => (reason = String(error)));
    worker.on("exit", () => this.replace(index, reason));
    if (!this.job) worker.unref();
    return worker;
  }

  private receive(index: number, message: FromWorker): void {
    if (message.id !== this.job?.id) return;
    if (message.type === "trapped") this.lose(this.job, message.pack, message.reason);
    else this.leave(index);
  }

  private leave(index: number): void {
    this.job?.working.delete(index);
    if (this.job?.working.size === 0) this.finish?.();
  }

  private replace(index: number, reason: string): void {
    if (this.closed) return this.finish?.();
    this.workers[index] = this.start(index);
    for (const program of this.programs.values()) {
      this.workers[index].postMessage({ type: "load", program } satisfies ToWorker);
    }
    if (!this.job?.working.has(index)) return;
    const program = this.programs.get(this.job.id)!;
    if (program.stages) {
      this.lose(this.job, this.job.tasks[0]!.pack, reason);
      abandon(controlOf(program));
      return this.leave(index);
    }
    this.recover(program, index, this.job, reason);
    this.workers[index].postMessage({ type: "run", id: this.job.id } satisfies ToWorker);
  }

  /** Notes that a pack's members have not been advanced. */
  private lose(job: Job, pack: number, reason: string): void {
    const { pack: size, members } = this.programs.get(job.id)!;
    const { wanted } = job.tasks.find((task) => task.pack === pack)!;
    for (let place = 0; place < Math.min(size, members - pack * size); place++)
      if ((wanted >> place) & 1) job.lost.set(pack * size + place, reason);
  }

  /** Puts the pack that a dead worker was computing back to where it was, and notes it. */
  private recover(program: WorkerProgram, index: number, job: Job, reason: string): void {
    const control = controlOf(program);
    const pack = Atomics.exchange(control, CONTROL.inFlight + index, 0) - 1;
    if (pack < 0) return;
    const { plan, stateBytes, memberBytes } = program;
    const whole = job.tasks.some((task) => task.pack === pack && task.wanted === everyone(program.pack));
    const backup = plan.backups + index * plan.backupStride;
    new Uint8Array(program.memory.buffer).copyWithin(
      plan.members + pack * plan.memberStride,
      backup,
      backup + (whole ? stateBytes : memberBytes),
    );
    this.lose(job, pack, reason);
  }

  private broadcast(message: ToWorker): void {
    for (const worker of this.workers) worker.postMessage(message);
  }
}

function controlOf(program: WorkerProgram): Int32Array {
  return new Int32Array(program.memory.buffer, program.plan.control, program.plan.shared / 4);
}
