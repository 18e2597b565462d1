import type { Program } from "../tensor/program.js";

/** What runs programs: one of several ways to compute the same thing. */
export interface Engine {
  readonly name: string;
  readonly precision: Precision;
  /** For people: threads and vector instructions, or the adapter. */
  readonly description: string;
  /**
   * Compiles a program and makes room for its members. All state is zero until written.
   * Throws {@link MemoryError} before anything is allocated when the members do not fit.
   */
  load(program: Program, options: LoadOptions): Promise<LoadedProgram>;
  /** Ends workers and frees memory; loaded programs are unusable afterwards. */
  dispose(): Promise<void>;
}

/** In what an engine computes; and what it keeps between the parts of a step, where that has less. */
export type Precision = "float32" | "float64" | "float32, stored as float16";

export interface LoadOptions {
  readonly members: number;
  /** Whether all members take one step and no more: an engine may rather compile for a shorter time then. */
  readonly once?: boolean;
}

/** A program with its members' values. */
export interface LoadedProgram {
  readonly members: number;
  readonly bytesPerMember: number;
  /** Multiply-adds count two; matrix products only. */
  readonly flopsPerStep: number;
  /** Sets an input, row-major; `member` is left out for shared inputs. */
  write(input: string, values: ArrayLike<number>, member?: number): void;
  /**
   * An output of the last step, or an input's value, row-major. Of states larger than a few numbers an engine with
   * memory elsewhere has the values of the last {@link fetch}.
   */
  read(name: string, member?: number): Float32Array | Float64Array | Int32Array | Uint32Array;
  /**
   * Like {@link read}, but what it gives may be a view of what the engine has here: the next write, fetch or run may
   * change it. For engines that have values as they are read; others have only `read`.
   */
  view?(name: string, member?: number): ReturnType<LoadedProgram["read"]>;
  /**
   * What {@link read} gives for all members, those of one after those of another, in an array that the engine does not change
   * any more. Undefined, or left out, where an engine does not have it like that.
   */
  readAll?(name: string): ReturnType<LoadedProgram["read"]> | undefined;
  /** Makes the present values of states readable; default: of all. */
  fetch(names?: readonly string[]): Promise<void>;
  /**
   * Advances members (default: all) by a number of steps. Members are independent: one that fails leaves the others.
   * Rejects when the notebook's cell is interrupted in the middle of a long run; some members have been advanced then.
   */
  run(steps: number, members?: readonly number[]): Promise<RunReport>;
  /**
   * Like {@link run}, and calls `meanwhile` once while it computes, when what can be read is still of before. For engines
   * that compute elsewhere, so that the caller need not be idle.
   */
  runWhile?(steps: number, members: readonly number[], meanwhile: () => void): Promise<RunReport>;
  dispose(): void;
}

/** How a run went. */
export interface RunReport {
  /** Members whose computation was lost, with the reason; their values are those of before the run. */
  readonly failures: readonly { readonly member: number; readonly reason: string }[];
}

/** More memory was asked for than there is. */
export class MemoryError extends Error {
  override readonly name = "MemoryError";
}
