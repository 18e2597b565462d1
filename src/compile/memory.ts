import type { FusedProgram, Kernel } from "./fuse.js";
import { accessesOf, type InputNode, type Node } from "./node.js";
import { roundUp } from "./layout.js";
import type { Schedule } from "./schedule.js";
import type { Placement, Region } from "./wasm/kernel-context.js";

/** Buffers begin on a cache line. */
const ALIGNMENT = 64;
/** Vectors of a row's end may reach beyond its buffer. */
const SLACK = 64;

/** Where everything lies, and how large the regions are. */
export interface MemoryPlan {
  readonly placements: ReadonlyMap<Node, Placement>;
  readonly memberBytes: number;
  readonly stateBytes: number;
  readonly arenaBytes: number;
  /** Without the table of constants, which follows. */
  readonly sharedBytes: number;
  /** New states that are copied over the old ones at the end of a step. */
  readonly commits: readonly { readonly node: Node; readonly to: Placement }[];
}

/**
 * Places states, outputs and other inputs of a member in its region (states first), shared inputs and constant data in
 * the shared one, and everything else in the arena, where buffers of values that are not needed any more are reused.
 */
export function planMemory({ graph, stored }: FusedProgram, { kernels, inPlace }: Schedule): MemoryPlan {
  const placements = new Map<Node, Placement>();
  const used: Record<Region, number> = { member: 0, arena: 0, shared: 0 };
  const bytesOf = (node: Node) => roundUp(4 * graph.layouts.get(node)!.size, ALIGNMENT);
  const at = (node: Node, region: Region, offset: number): Placement => ({
    region,
    offset,
    strides: graph.layouts.get(node)!.strides,
  });
  const append = (node: Node, region: Region) => {
    placements.set(node, at(node, region, used[region]));
    used[region] += bytesOf(node);
  };
  const inputs = graph.nodes.filter((node): node is InputNode => node.kind === "input");
  const byName = new Map(inputs.map((node) => [node.name, node]));
  for (const { input } of graph.updates) append(byName.get(input)!, "member");
  const stateBytes = used.member;
  for (const { node } of graph.outputs) append(node, "member");
  for (const node of inputs) if (!placements.has(node)) append(node, node.scope);
  for (const node of graph.nodes) if (node.kind === "data") append(node, "shared");

  for (const { input, node } of graph.updates)
    if (inPlace.has(node))
      placements.set(node, { ...placements.get(byName.get(input)!)!, strides: graph.layouts.get(node)!.strides });
  const waiting = graph.updates.filter(({ node }) => !inPlace.has(node));
  const pending = new Set(waiting.map(({ node }) => node));
  const arena = new Arena();
  for (const { born, nodes } of lifetimes(kernels, stored, placements, pending)) {
    arena.release(born);
    for (const { node, lastUse } of nodes) placements.set(node, at(node, "arena", arena.take(bytesOf(node), lastUse)));
  }
  const commits = waiting.map(({ input, node }) => ({ node, to: placements.get(byName.get(input)!)! }));
  return {
    placements,
    stateBytes,
    memberBytes: used.member + SLACK,
    arenaBytes: roundUp(arena.size + SLACK, ALIGNMENT),
    sharedBytes: used.shared + SLACK,
    commits,
  };
}

/** For each kernel, the nodes it leaves in the arena and the last kernel that reads each. */
function lifetimes(
  kernels: readonly Kernel[],
  stored: ReadonlySet<Node>,
  placed: ReadonlyMap<Node, Placement>,
  untilEnd: ReadonlySet<Node>,
): { born: number; nodes: { node: Node; lastUse: number }[] }[] {
  const lastUse = new Map<Node, number>();
  kernels.forEach((kernel, i) => {
    for (const node of kernel.nodes) for (const access of accessesOf(node)) lastUse.set(access.node, i);
  });
  return kernels.map((kernel, born) => ({
    born,
    nodes: kernel.nodes
      .filter((node) => stored.has(node) && !placed.has(node))
      .map((node) => ({ node, lastUse: untilEnd.has(node) ? kernels.length : (lastUse.get(node) ?? born) })),
  }));
}

/** First-fit allocation of ranges that are given back after their last use. */
class Arena {
  size = 0;
  private taken: { start: number; end: number; lastUse: number }[] = [];

  /** Frees what no kernel from number `now` on reads. */
  release(now: number): void {
    this.taken = this.taken.filter(({ lastUse }) => lastUse >= now);
  }

  take(bytes: number, lastUse: number): number {
    let start = 0;
    let index = 0;
    for (; index < this.taken.length && this.taken[index]!.start < start + bytes; index++) {
      start = Math.max(start, this.taken[index]!.end);
    }
    this.taken.splice(index, 0, { start, end: start + bytes, lastUse });
    this.size = Math.max(this.size, start + bytes);
    return start;
  }
}
