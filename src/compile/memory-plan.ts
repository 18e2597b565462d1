import type { Node, ScanNode } from "./node.js";
import type { Placement } from "./wasm/kernel-context.js";

/** Where everything lies, and how large the regions are. */
export interface MemoryPlan {
  readonly placements: ReadonlyMap<Node, Placement>;
  readonly memberBytes: number;
  readonly stateBytes: number;
  readonly arenaBytes: number;
  /** Where in the arena a kernel may leave some vectors for itself. */
  readonly scratch: number;
  /** Without the table of constants, which follows. */
  readonly sharedBytes: number;
  /** New states that are copied over the old ones at the end of a step. */
  readonly commits: readonly Commit[];
  readonly loops: ReadonlyMap<ScanNode, LoopMemory>;
  /** How many windows all loops have. */
  readonly windows: number;
  /** Of what lies near the threads: words on their own, and quads. */
  readonly nearBytes: number;
  readonly quadBytes: number;
  readonly residents: readonly Resident[];
}

/** An input of which a copy lies near the threads for as long as they compute. */
export interface Resident {
  readonly home: Placement;
  readonly copy: Placement;
  readonly bytes: number;
  /** Whether the copy has to be brought home. */
  readonly changes: boolean;
}

/**
 * What lies near the threads, on a machine that has such a memory: values that would lie in the arena, all that does while
 * a loop runs (a scan node stands for it), and copies of inputs.
 */
export type Near = ReadonlySet<Node>;

export interface Commit {
  readonly node: Node;
  readonly to: Placement;
}

/** Where a loop's body finds what changes from iteration to iteration. */
export interface LoopMemory {
  /** Holds the number of the iteration. */
  readonly index: Placement;
  readonly windows: readonly Window[];
  readonly swaps: readonly Swap[];
  readonly commits: readonly Commit[];
  /** Holds a truth value that is false after the last iteration that is needed. */
  readonly goesOn: Placement | undefined;
}

/** A region that shows one slice of a stack, another one in each iteration. */
export interface Window {
  readonly number: number;
  readonly stack: Placement;
  readonly bytesOfSlice: number;
}

/** Two windows on a part of the carry, which exchange what they show after each iteration. */
export interface Swap {
  readonly read: FixedWindow;
  readonly written: FixedWindow;
  readonly bytes: number;
}

interface FixedWindow {
  readonly number: number;
  readonly buffer: Placement;
}
