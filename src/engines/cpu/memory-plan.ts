import type { WasmProgram } from "../../compile/wasm-program.js";
import { MemoryError } from "../engine.js";

/** Where everything lies in the one shared memory of a loaded program, in bytes. */
export interface MemoryPlan {
  /** Int32 control words, then the queue of packs of members: numbers and wanted members in turn. */
  readonly control: number;
  readonly shared: number;
  /** A scratch region for each worker. */
  readonly arenas: number;
  readonly arenaStride: number;
  /** Copies of the packs that workers are computing, to restore them from; one if they share a member. */
  readonly backups: number;
  readonly backupStride: number;
  /** Regions of packs, one behind the other. */
  readonly members: number;
  readonly memberStride: number;
  readonly totalBytes: number;
}

/** Words of the control region. */
export const CONTROL = {
  next: 0,
  count: 1,
  steps: 2,
  /** Of threads that share a member: their number, those at the barrier, how often all were there, whether they give up. */
  threads: 3,
  arrived: 4,
  generation: 5,
  abandoned: 6,
  inFlight: 16,
  queue: 16 + 256,
} as const;

/** Most workers that the control region has words for. */
export const MAX_WORKERS = 256;

/** Bytes of a page of WebAssembly's memory. */
export const PAGE = 65536;
/** WebAssembly addresses 4 GiB. */
const ADDRESSABLE = 65536 * PAGE;
const LINE = 64;
/** Regions of workers begin on pages of their own, so that they share no cache line or page. */
const PAGE_ALIGNMENT = 4096;

const align = (bytes: number, to: number) => Math.ceil(bytes / to) * to;

/** Lays out the memory of a program, or throws {@link MemoryError} when it is more than `availableBytes`. */
export function planMemory(program: WasmProgram, members: number, workers: number, availableBytes: number): MemoryPlan {
  const packs = Math.ceil(members / program.pack);
  const queueEnd = (CONTROL.queue + 2 * packs) * 4;
  const shared = align(queueEnd, PAGE_ALIGNMENT);
  const arenas = align(shared + program.sharedBytes, PAGE_ALIGNMENT);
  const arenaStride = align(program.arenaBytes, PAGE_ALIGNMENT) + PAGE_ALIGNMENT;
  const backups = arenas + workers * arenaStride;
  const backupStride = align(program.pack === 1 ? program.stateBytes : program.memberBytes, PAGE_ALIGNMENT);
  const first = backups + (program.stages ? 1 : workers) * backupStride;
  const memberStride = align(program.memberBytes, LINE);
  const totalBytes = align(first + packs * memberStride, PAGE);
  const plan = {
    control: 0,
    shared,
    arenas,
    arenaStride,
    backups,
    backupStride,
    members: first,
    memberStride,
    totalBytes,
  };
  if (totalBytes > Math.min(ADDRESSABLE, availableBytes)) refuse(plan, members, program.pack, availableBytes);
  return plan;
}

function refuse(plan: MemoryPlan, members: number, pack: number, availableBytes: number): never {
  const show = (bytes: number) =>
    bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 27 ? 1 : 0)} MiB`;
  const limit = Math.min(ADDRESSABLE, availableBytes);
  const why = availableBytes < ADDRESSABLE ? "are available" : "is what one WebAssembly memory can address";
  if (plan.members > limit) {
    throw new MemoryError(
      `The program needs ${show(plan.members)} before the first member: ${show(plan.arenaStride)} of scratch memory for ` +
        `each thread, and what all members read. But ${show(limit)} ${why}. Make the model or batch smaller, or use fewer threads.`,
    );
  }
  if (plan.members + plan.memberStride > limit) {
    throw new MemoryError(
      `One member needs ${show(plan.memberStride)}, but ${show(limit)} ${why}. Make the model or batch smaller.`,
    );
  }
  const fits = Math.floor((limit - plan.members) / plan.memberStride) * pack;
  throw new MemoryError(
    `${members} members need ${show(plan.totalBytes)} (${show(plan.memberStride / pack)} a member), but ${show(limit)} ${why}. ` +
      `At most ${fits} members fit: train fewer at once, or make the model or batch smaller.`,
  );
}
