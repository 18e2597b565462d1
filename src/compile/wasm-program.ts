import type { ConstantData, Slots } from "./slots.js";
import type { VectorAxis } from "./vector-axis.js";

/**
 * A compiled program: a WebAssembly module and the layout of the memory it works on. The module imports `env.memory`
 * (shared) and exports `run(member, arena, shared, steps)`, the byte addresses of a member's region, of the worker's
 * scratch region and of the region that all members read, and the number of steps.
 */
export interface WasmProgram extends Slots {
  readonly module: Uint8Array;
  /**
   * Where threads share a member: a step, in stages that begin when all tasks of the one before are done. The module
   * exports the functions that they call instead of `run`.
   */
  readonly stages?: readonly Stage[];
  /** Members that a call of `run` computes side by side: element by element, that of the next one lies four bytes on. */
  readonly pack: number;
  /** Sizes of the three regions; bases are aligned to 64 bytes. That of a member is one for all members of a pack. */
  readonly memberBytes: number;
  readonly arenaBytes: number;
  readonly sharedBytes: number;
  /** Bytes of a member's region, from its start, that a step changes and a rerun must restore. */
  readonly stateBytes: number;
  /** What the engine writes into the shared region once. */
  readonly constants: readonly ConstantData[];
  /** Multiply-adds count two; matrix products only. */
  readonly flopsPerStep: number;
}

/** A function of the module that does a part of a kernel's work: `name(member, arena, shared, first)`. */
export interface Call {
  readonly name: string;
  /** Of the axis along which the work is divided. */
  readonly first: number;
}

/** Calls that one thread makes one after the other. */
export type Task = readonly Call[];

/** Tasks that any threads may carry out at the same time. */
export type Stage = readonly Task[];

export interface VectorOptions {
  /** Default: what suits the program. */
  readonly vectorAxis?: VectorAxis;
  /** Members to compute side by side where vectors run along members; a member's bits do not depend on it. Default: 4. */
  readonly lanes?: 4 | 8;
}

export interface PlanOptions extends VectorOptions {
  /** For threads that share a member's kernels (the bits are those of a thread alone), unless members are computed side by side. */
  readonly wide?: boolean;
}

export interface WasmOptions extends PlanOptions {
  /** Fused multiply-add in one rounding (relaxed SIMD): faster, bits may differ between machines. */
  readonly relaxed?: boolean;
  /** Code shaped for V8's joining of 128-bit vectors into 256-bit ones (Node ≥ 24). */
  readonly revectorize?: boolean;
  /**
   * Rows of a matrix product to sum at once, four vectors each; default: what fits the sixteen vector registers of a PC, 2, and
   * where V8 joins vectors 4, which is the most of which it unrolls the loop over terms. A training of 2-64-64-1 takes 1.02 times
   * as long with 5 or 6 there, 1.25 times with 3.
   */
  readonly tileRows?: number;
  /**
   * Little code that is there soon, for a program that has little to do altogether: elementwise loops handle a vector at a
   * time, and V8 is not asked to optimise it at once. The bits do not depend on it.
   */
  readonly brief?: boolean;
}
