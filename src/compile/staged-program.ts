import type { FusedProgram } from "./fuse.js";
import type { Graph } from "./node.js";
import type { Schedule } from "./schedule.js";

/** A program whose kernels have an order; and so have those of the bodies of its loops. */
export interface StagedProgram {
  readonly fused: FusedProgram;
  readonly schedule: Schedule;
  /** By the graph that the body was before any pass. */
  readonly bodies: ReadonlyMap<Graph, StagedProgram>;
}
