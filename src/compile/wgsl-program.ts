import type { ConstantData, Slots } from "./slots.js";

/** Names of the tensor operations that a range of the shader's lines computes. */
export interface ShaderLines {
  /** Counted from 1, as compilers count. */
  readonly first: number;
  readonly last: number;
  readonly operations: string;
}

/**
 * A compiled program: a compute shader whose workgroups advance a member each, and the layout of the memory it works on.
 * Entry point `main`; group 0 has the bindings of {@link BINDINGS}.
 */
export interface WgslProgram extends Slots {
  readonly code: string;
  /** Which operations a line of the code belongs to. */
  readonly lines: readonly ShaderLines[];
  readonly threads: number;
  /** Sizes of the regions. */
  readonly memberBytes: number;
  /** Of a workgroup; 0 where the shader has no binding for an arena. */
  readonly arenaBytes: number;
  readonly sharedBytes: number;
  /** Bytes of a member's region, from its start, that a step changes and a rerun must restore. */
  readonly stateBytes: number;
  /** Bytes of workgroup memory. */
  readonly workgroupBytes: number;
  readonly constants: readonly ConstantData[];
  /** Multiply-adds count two; matrix products only. */
  readonly flopsPerStep: number;
  readonly work: StepWork;
  /** Bytes of workgroup memory that were set aside, before it was known what kernels need for partial results. */
  readonly setAsideBytes: number;
  /** Samples of a batch that are worked off at a time; 0 where there is no batch, or it is not divided. */
  readonly block: number;
}

/** What a step of one member costs beside arithmetic. Loops that may end early are counted to their end. */
export interface StepWork {
  /** How often the threads of a workgroup wait for one another. */
  readonly barriers: number;
  /** Bytes that all threads load from storage buffers and store there; caches may answer. */
  readonly storageBytes: number;
  /** The same of workgroup memory. */
  readonly workgroupBytes: number;
  /** Cycles in which workgroup memory serves 32 threads: one for a word each, and one for eight different quads. */
  readonly workgroupCycles: number;
  /** Sums that a thread holds in registers: from block to block of a batch, or of a matrix product. */
  readonly sums: number;
}

/** Numbers of the shader's bindings. */
export const BINDINGS = {
  /** Uniform: the number of steps (u32), and a zero. */
  steps: 0,
  /** Storage, read and written: the members' regions one after the other. */
  members: 1,
  /** Storage: the region that all members read. */
  data: 2,
  /** Storage: for each workgroup the number of its member (u32). */
  queue: 3,
  /** Storage, read and written: each workgroup's arena, where it has one. */
  arena: 4,
} as const;

/** How a step's values of a batch, and data that all members read, are kept between kernels. */
export type StorageType = "float32" | "float16";

/** What a shader may ask of a device. */
export interface WgslOptions {
  /** Workgroup memory that the device has, in bytes. */
  readonly workgroupBytes: number;
  /** Most threads of a workgroup. */
  readonly threads: number;
  /**
   * Neighbouring threads that are always in one subgroup, a power of two, where the shader may use the language's subgroups.
   * Default: it may not.
   */
  readonly subgroupSize?: number;
  /** Whether values of a batch, and data that all members read, lie in halves of words; default: in float32, as all else. */
  readonly storage?: StorageType;
  /** Samples of a batch that a workgroup works off at a time; 0: all together. Default: what moves least. */
  readonly block?: number;
}
