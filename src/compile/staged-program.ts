import type { FusedProgram } from "./fuse.js";
import type { Graph, Node } from "./node.js";
import type { Schedule } from "./schedule.js";

/** Values that may lie in the memory of one that nothing reads any more, with that one. */
export interface Overwritten {
  /** What scatters start from. */
  readonly bases: ReadonlyMap<Node, Node>;
  /** What elementwise operations read. */
  readonly operands: ReadonlyMap<Node, Node>;
}

/** A program whose kernels have an order; and so have those of the bodies of its loops. */
export interface StagedProgram {
  readonly fused: FusedProgram;
  readonly schedule: Schedule;
  readonly overwritten: Overwritten;
  /** By the graph that the body was before any pass. */
  readonly bodies: ReadonlyMap<Graph, StagedProgram>;
}
