import type { FusedProgram } from "./fuse.js";
import { accessesOf, type InputNode, keptAxes, type Node } from "./node.js";
import { BLOCK, roundUp } from "./vectors.js";
import { layoutFor, type LaidOutGraph } from "./layout.js";
import type { Schedule, Stage } from "./schedule.js";
import type { Placement, Region } from "./wasm/kernel-context.js";

/** Buffers of the arena begin on a cache line; what is kept for every member only where two vectors may. */
const ALIGNMENT = 64;
const COMPACT_ALIGNMENT = 32;
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
export function planMemory({ graph, stored }: FusedProgram, { stages, inPlace }: Schedule): MemoryPlan {
  const placements = new Map<Node, Placement>();
  const used = { member: 0, shared: 0 };
  const bytesOf = (node: Node) => roundUp(4 * graph.layouts.get(node)!.size, ALIGNMENT);
  const at = (node: Node, region: Region, offset: number): Placement => ({
    region,
    offset,
    strides: graph.layouts.get(node)!.strides,
  });
  const append = (node: Node, region: "member" | "shared") => {
    placements.set(node, at(node, region, used[region]));
    used[region] += roundUp(4 * graph.layouts.get(node)!.size, COMPACT_ALIGNMENT);
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
  const pendingOrPlaced = (node: Node) => placements.has(node) || !stored.has(node);
  for (const { blocked, local, whole, time } of lifetimes(stages, pendingOrPlaced, pending)) {
    arena.release(time);
    for (const { node, lastUse } of whole) placements.set(node, at(node, "arena", arena.take(bytesOf(node), lastUse)));
    if (blocked) placeBlocks(graph, local, arena, time, placements);
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

interface Lifetime {
  readonly node: Node;
  readonly born: number;
  readonly lastUse: number;
}

/** What one kernel, or all kernels of a blocked stage, leave in the arena, and until when. */
interface Births {
  readonly time: number;
  readonly blocked: boolean;
  /** Values for later stages, or for other kernels where the stage is not blocked; counted in births. */
  readonly whole: readonly Lifetime[];
  /** Values of one block at a time; counted in kernels of the stage. */
  readonly local: readonly Lifetime[];
}

function lifetimes(
  stages: readonly Stage[],
  isElsewhere: (node: Node) => boolean,
  untilEnd: ReadonlySet<Node>,
): Births[] {
  const groups = stages.flatMap(({ kernels, blocks }) =>
    blocks > 0 ? [{ kernels, blocked: true }] : kernels.map((kernel) => ({ kernels: [kernel], blocked: false })),
  );
  const lastUse = new Map<Node, { group: number; kernel: number }>();
  groups.forEach(({ kernels }, group) => {
    kernels.forEach((kernel, i) => {
      for (const node of kernel.nodes)
        for (const access of accessesOf(node)) lastUse.set(access.node, { group, kernel: i });
    });
  });
  return groups.map(({ kernels, blocked }, time) => {
    const born = kernels.flatMap((kernel, i) =>
      kernel.nodes
        .filter((node) => !isElsewhere(node))
        .map((node) => {
          const last = lastUse.get(node) ?? { group: time, kernel: i };
          return { node, kernel: i, last: untilEnd.has(node) ? { group: groups.length, kernel: 0 } : last };
        }),
    );
    const isLocal = ({ last }: { last: { group: number } }) => blocked && last.group === time;
    return {
      time,
      blocked,
      whole: born
        .filter((birth) => !isLocal(birth))
        .map(({ node, last }) => ({ node, born: time, lastUse: last.group })),
      local: born.filter(isLocal).map(({ node, kernel, last }) => ({ node, born: kernel, lastUse: last.kernel })),
    };
  });
}

/** Places values that live within a block in a small arena inside the large one. */
function placeBlocks(
  graph: LaidOutGraph,
  local: readonly Lifetime[],
  outer: Arena,
  time: number,
  placements: Map<Node, Placement>,
): void {
  const inner = new Arena();
  const offsets = local.map(({ node, born, lastUse }) => {
    const axis = keptAxes(node).indexOf(graph.blockedAxis.get(node)!);
    const layout = layoutFor(node.shape.with(axis, BLOCK), graph.layouts.get(node)!.lane, -1, true);
    inner.release(born);
    return { node, strides: layout.strides, offset: inner.take(roundUp(4 * layout.size, ALIGNMENT), lastUse) };
  });
  const base = outer.take(inner.size, time);
  for (const { node, strides, offset } of offsets) {
    placements.set(node, { region: "block", offset: base + offset, strides });
  }
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
