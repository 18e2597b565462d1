import { isIdentity, isStill, soleAxis } from "./access.js";
import type { FusedProgram, Kernel } from "./fuse.js";
import { largest } from "./largest.js";
import type { LaidOutGraph } from "./layout.js";
import { type Access, accessesOf, keptAxes, type Node, spaceOf } from "./node.js";
import { lieAlike, mayOverwrite } from "./overwritten.js";

/** Kernels that run one after the other; with `blocks` > 0 all of them on one block after the other. */
export interface Stage {
  readonly kernels: readonly Kernel[];
  readonly blocks: number;
}

/** Stages in the order in which they run. */
export interface Schedule {
  readonly stages: readonly Stage[];
  /** Updates whose kernels may write over the old state; the others go through a copy at the end of the step. */
  readonly inPlace: ReadonlySet<Node>;
}

/**
 * Orders kernels: each after those whose results it reads, and the one that computes a state's next value after all
 * others that read the present one, wherever that is possible. Kernels that treat the samples of a batch one by one
 * are gathered in stages that do so block by block: what they hand on then stays in the first cache.
 */
export function schedule(program: FusedProgram): Schedule {
  return new SchedulePass(program).run();
}

/** True when any node of the kernel reads `node`. */
const reads = (kernel: Kernel, node: Node): boolean =>
  kernel.nodes.some((own) => accessesOf(own).some((access) => access.node === node));

/** True for a kernel that sums over the batch, and may do so block by block. */
export function sumsBlocks(kernel: Kernel, { target, blockedAxis }: LaidOutGraph): boolean {
  if (!target.sumsBlocks || (kernel.kind !== "contraction" && kernel.nodes.length > 1)) return false;
  const node = mainNode(kernel);
  const isSum = node.kind === "contraction" || (node.kind === "reduction" && node.fold === "sum");
  const axis = blockedAxis.get(node)!;
  return isSum && axis >= 0 && !keptAxes(node).includes(axis);
}

/** The node that says what a kernel's loops run over. */
export const mainNode = (kernel: Kernel): Node =>
  kernel.kind === "contraction" ? kernel.contraction : kernel.nodes[0];

class SchedulePass {
  private readonly graph: LaidOutGraph;
  private readonly kernels: readonly Kernel[];
  private readonly owner = new Map<Node, Kernel>();
  /** For each kernel those that run before it; `true`: what it needs of a block is there after the same block. */
  private readonly before: ReadonlyMap<Kernel, Map<Kernel, boolean>>;
  private readonly blocked: ReadonlySet<Kernel>;
  /** For sums over blocks that write over a state, its readers: only what follows the last block has to wait for them. */
  private readonly finishAfter = new Map<Kernel, ReadonlySet<Kernel>>();

  constructor({ graph, kernels }: FusedProgram) {
    this.graph = graph;
    this.kernels = kernels;
    for (const kernel of kernels) for (const node of kernel.nodes) this.owner.set(node, kernel);
    this.blocked = new Set(kernels.filter((kernel) => this.goesByBlocks(kernel)));
    this.before = new Map(kernels.map((kernel) => [kernel, this.readKernels(kernel)]));
  }

  run(): Schedule {
    const inPlace = this.overwrite();
    const phases = new Map<Kernel, number>();
    for (const kernel of this.sorted()) phases.set(kernel, this.phaseOf(kernel, phases));
    const last = largest(phases.values());
    const stages = Array.from({ length: last + 1 }, (_, phase): Stage => {
      const kernels = [...phases.keys()].filter((kernel) => phases.get(kernel) === phase);
      if (phase % 2 === 0 || kernels.length === 1) return { kernels, blocks: 0 };
      const { blockedLength, target } = this.graph;
      return { kernels: this.sumsFirst(kernels), blocks: Math.ceil(blockedLength / target.block) };
    });
    return { stages: stages.filter(({ kernels }) => kernels.length > 0), inPlace };
  }

  /** Lets kernels write over states that nothing reads any more; returns the next values of those. */
  private overwrite(): Set<Node> {
    const inputs = new Map(
      this.graph.nodes.flatMap((node) => (node.kind === "input" ? [[node.name, node] as const] : [])),
    );
    const inPlace = new Set<Node>();
    for (const { input, node } of this.graph.updates) {
      const writer = this.owner.get(node)!;
      const state = inputs.get(input)!;
      const readers = this.kernels.filter((kernel) => kernel !== writer && reads(kernel, state));
      if (readers.some((reader) => this.waitsFor(reader, writer)) || !this.readsOwnElements(writer, node, state))
        continue;
      const before = this.before.get(writer)!;
      // What is summed over all blocks is written after the last one.
      const afterBlocks = sumsBlocks(writer, this.graph);
      if (afterBlocks) {
        const others = readers.filter((reader) => !before.has(reader));
        this.finishAfter.set(writer, new Set([...(this.finishAfter.get(writer) ?? []), ...others]));
      }
      for (const reader of readers) before.set(reader, afterBlocks && (before.get(reader) ?? this.blocked.has(reader)));
      inPlace.add(node);
    }
    return inPlace;
  }

  /** Stages alternate: kernels of even phases run as a whole, those of odd ones by blocks. */
  private phaseOf(kernel: Kernel, phases: ReadonlyMap<Kernel, number>): number {
    const own = this.blocked.has(kernel);
    let phase = own ? 1 : 0;
    for (const [other, alike] of this.before.get(kernel)!) {
      const theirs = this.blocked.has(other);
      const wait = own !== theirs ? 1 : own && !alike ? 2 : 0;
      phase = Math.max(phase, phases.get(other)! + wait);
    }
    return phase;
  }

  /** Kernels of a stage; sums over blocks as soon as they can be, so that what they read is needed no longer. */
  private sumsFirst(kernels: readonly Kernel[]): readonly Kernel[] {
    if (!kernels.some((kernel) => sumsBlocks(kernel, this.graph))) return kernels;
    const left = new Set(kernels);
    const isReady = (kernel: Kernel): boolean =>
      [...this.before.get(kernel)!.keys()].every(
        (other) => !left.has(other) || this.finishAfter.get(kernel)?.has(other),
      );
    const order: Kernel[] = [];
    while (left.size > 0) {
      const ready = [...left].filter(isReady);
      const next = ready.find((kernel) => sumsBlocks(kernel, this.graph)) ?? ready[0]!;
      order.push(next);
      left.delete(next);
    }
    return order;
  }

  private goesByBlocks(kernel: Kernel): boolean {
    if ((kernel.kind !== "loop" && kernel.kind !== "contraction") || this.graph.blockedLength === 0) return false;
    const byBlocks = (node: Node): boolean => {
      const axis = this.graph.blockedAxis.get(node)!;
      return accessesOf(node).every((access) => this.readsOwnBlock(node, access) || isAnywhere(access, axis));
    };
    if (sumsBlocks(kernel, this.graph)) return byBlocks(mainNode(kernel));
    const isWhole = (node: Node) => keptAxes(node).includes(this.graph.blockedAxis.get(node)!);
    return kernel.nodes.every((node) => isWhole(node) && byBlocks(node));
  }

  private readKernels(kernel: Kernel): Map<Kernel, boolean> {
    const found = new Map<Kernel, boolean>();
    for (const node of kernel.nodes)
      for (const access of accessesOf(node)) {
        const before = this.owner.get(access.node);
        if (!before || before === kernel) continue;
        // What is summed over all blocks is there after the last one.
        const alike = this.readsOwnBlock(node, access) && !sumsBlocks(before, this.graph);
        found.set(before, (found.get(before) ?? true) && alike);
      }
    return found;
  }

  /** True when the reader needs of a block only what was computed for the same block. */
  private readsOwnBlock(reader: Node, { node, map }: Access): boolean {
    const axis = this.graph.blockedAxis.get(reader)!;
    const own = keptAxes(node).indexOf(this.graph.blockedAxis.get(node)!);
    if (axis < 0 || own < 0) return false;
    const alone = isStill(
      map.filter((_, k) => k !== own),
      axis,
    );
    return alone && map[own]!.offset === 0 && soleAxis(map, own) === axis;
  }

  /** True when the kernel needs each element of the state only where it writes the new one. */
  private readsOwnElements(kernel: Kernel, result: Node, state: Node): boolean {
    if (!reads(kernel, state)) return true;
    const { layouts } = this.graph;
    if (result.kind === "scatter")
      return result.base.node === state && mayOverwrite(result) && lieAlike(layouts.get(result)!, layouts.get(state)!);
    if (result.kind !== "elementwise") return false;
    return kernel.nodes.every((node) =>
      accessesOf(node).every(({ node: read, map }) => {
        return read !== state || (node.kind !== "assembly" && isIdentity(map, spaceOf(node), state.shape));
      }),
    );
  }

  private waitsFor(kernel: Kernel, other: Kernel): boolean {
    const seen = new Set<Kernel>();
    const stack = [kernel];
    while (stack.length > 0) {
      const next = stack.pop()!;
      if (next === other) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      stack.push(...this.before.get(next)!.keys());
    }
    return false;
  }

  /** Kernels in their given order as far as they need not wait for later ones. */
  private sorted(): Set<Kernel> {
    const done = new Set<Kernel>();
    const stack = [...this.kernels].reverse();
    while (stack.length > 0) {
      const kernel = stack.at(-1)!;
      const waiting = done.has(kernel) ? [] : [...this.before.get(kernel)!.keys()].filter((other) => !done.has(other));
      if (waiting.length > 0) stack.push(...waiting.reverse());
      else {
        done.add(kernel);
        stack.pop();
      }
    }
    return done;
  }
}

/** True for what all blocks read alike, or what no memory holds. */
const isAnywhere = ({ node, map }: Access, axis: number): boolean => node.kind === "iota" || isStill(map, axis);
