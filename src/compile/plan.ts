import type { Program } from "../tensor/program.js";
import { sizeOf } from "../tensor/shape.js";
import { fuse, type FusedProgram } from "./fuse.js";
import { buildGraph } from "./graph.js";
import { layOut } from "./layout.js";
import { type MemoryPlan, planMemory } from "./memory.js";
import { type Schedule, schedule } from "./schedule.js";

/** What the passes decided about a program, before any code is generated. */
export interface ProgramPlan {
  readonly fused: FusedProgram;
  readonly schedule: Schedule;
  readonly memory: MemoryPlan;
  /** Multiply-adds count two; matrix products only. */
  readonly flopsPerStep: number;
}

/** Runs all passes that do not depend on the engine's instructions. */
export function planProgram(program: Program): ProgramPlan {
  const fused = fuse(layOut(buildGraph(program)));
  const order = schedule(fused);
  const memory = planMemory(fused, order);
  const products = fused.graph.nodes.filter((node) => node.kind === "contraction");
  const flopsPerStep = products.reduce((sum, { space }) => sum + 2 * sizeOf(space), 0);
  return { fused, schedule: order, memory, flopsPerStep };
}
