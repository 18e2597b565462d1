import type { Stage } from "../../compile/wasm-program.js";
import type { MemoryPlan } from "./memory-plan.js";

/** A compiled program as a worker gets it; `id` names it in later messages. */
export interface WorkerProgram {
  readonly id: number;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly plan: MemoryPlan;
  readonly stateBytes: number;
  readonly memberBytes: number;
  readonly members: number;
  /** Members that a call of the program computes side by side. */
  readonly pack: number;
  /** Where the threads share a member. */
  readonly stages?: readonly Stage[] | undefined;
}

export type ToWorker =
  | { readonly type: "load"; readonly program: WorkerProgram }
  | { readonly type: "unload"; readonly id: number }
  /** Take packs of members from the program's queue until it is empty; or advance the first together, sharing its work. */
  | { readonly type: "run"; readonly id: number };

export type FromWorker =
  /** The queue is empty. */
  | { readonly type: "drained"; readonly id: number }
  /** The step of a pack's members trapped; their state is restored, unless threads share them. */
  | { readonly type: "trapped"; readonly id: number; readonly pack: number; readonly reason: string };
