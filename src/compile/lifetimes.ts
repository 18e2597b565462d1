import type { Kernel } from "./fuse.js";
import { accessesOf, type Node } from "./node.js";
import type { Stage } from "./schedule.js";

/** When a value comes to be, and when it is read for the last time. */
export interface Lifetime {
  readonly node: Node;
  readonly born: number;
  readonly lastUse: number;
}

/** What one kernel, or all kernels of a blocked stage, leave in the arena, and until when. */
export interface Births {
  readonly time: number;
  readonly kernels: readonly Kernel[];
  readonly blocked: boolean;
  /** Values for later stages, or for other kernels where the stage is not blocked; counted in births. */
  readonly whole: readonly Lifetime[];
  /** Values of one block at a time; counted in kernels of the stage. */
  readonly local: readonly Lifetime[];
}

/** Which nodes need memory of their own, and which of them to the end; `bufferOf` names the node whose memory one uses. */
export interface Buffers {
  isElsewhere(node: Node): boolean;
  isUntilEnd(node: Node): boolean;
  bufferOf(node: Node): Node;
}

/** Lifetimes of the values in the arena, in the order in which they are computed. */
export function lifetimes(stages: readonly Stage[], { isElsewhere, isUntilEnd, bufferOf }: Buffers): Births[] {
  const groups = stages.flatMap(({ kernels, blocks }) =>
    blocks > 0 ? [{ kernels, blocked: true }] : kernels.map((kernel) => ({ kernels: [kernel], blocked: false })),
  );
  const lastUse = new Map<Node, { group: number; kernel: number }>();
  groups.forEach(({ kernels }, group) => {
    kernels.forEach((kernel, i) => {
      for (const node of kernel.nodes)
        for (const access of accessesOf(node)) lastUse.set(bufferOf(access.node), { group, kernel: i });
    });
  });
  return groups.map(({ kernels, blocked }, time) => {
    const born = kernels.flatMap((kernel, i) =>
      kernel.nodes
        .filter((node) => !isElsewhere(node))
        .map((node) => {
          const last = lastUse.get(node) ?? { group: time, kernel: i };
          return { node, kernel: i, last: isUntilEnd(node) ? { group: groups.length, kernel: 0 } : last };
        }),
    );
    const isLocal = ({ last }: { last: { group: number } }) => blocked && last.group === time;
    return {
      time,
      kernels,
      blocked,
      whole: born
        .filter((birth) => !isLocal(birth))
        .map(({ node, last }) => ({ node, born: time, lastUse: last.group })),
      local: born.filter(isLocal).map(({ node, kernel, last }) => ({ node, born: kernel, lastUse: last.kernel })),
    };
  });
}
