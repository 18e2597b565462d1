import { BLOCK } from "./vectors.js";

/** What the passes have to know of the machine that runs their kernels. */
export interface Target {
  /**
   * Kernels work on vectors of neighbours in memory, and on blocks of a batch that stay in a cache: matrix products get
   * copies whose lanes lie right. Else threads read single elements, wherever they lie.
   */
  readonly vectors: boolean;
  /** Elements of a batch that stages work off at a time; 0 where they do not. */
  readonly block: number;
  /** Sums over the batch are kept in registers from block to block, and finished after the last one. */
  readonly sumsBlocks: boolean;
  /**
   * How neighbours among the values of a batch lie together: halves, of data that all members read as well, or quads, of what
   * matrix products read.
   */
  readonly groups: "halves" | "quads" | "none";
  /** Operations that take long enough to have a loop, and registers for their constants, of their own. */
  readonly expensive: ReadonlySet<string>;
  /** Most operations, and most tensors read, that the end of a matrix product takes in. */
  readonly epilogueOperations: number;
  readonly epilogueReads: number;
}

/** A processor core with vector registers. */
export const CORE: Target = {
  vectors: true,
  block: BLOCK,
  sumsBlocks: false,
  groups: "none",
  expensive: new Set(["exp", "log", "tanh", "sin", "cos", "erf", "threefry"]),
  epilogueOperations: 6,
  epilogueReads: 3,
};

/** A group of threads that compute one element each; every kernel costs them a barrier. */
export const WORKGROUP: Target = {
  vectors: false,
  block: 0,
  sumsBlocks: true,
  groups: "none",
  expensive: new Set(["threefry"]),
  epilogueOperations: 24,
  epilogueReads: 12,
};
