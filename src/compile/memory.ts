import { sizeOf } from "../tensor/shape.js";
import { Arena } from "./arena.js";
import { type SwappedPart, swappedParts } from "./carry.js";
import type { ScanKernel } from "./fuse.js";
import { type Layout, layoutFor } from "./buffer-layout.js";
import type { LaidOutGraph } from "./layout.js";
import { type Lifetime, lifetimes } from "./lifetimes.js";
import type { Commit, MemoryPlan, Near, Resident, Swap, Window } from "./memory-plan.js";
import { type InputNode, keptAxes, type Node, type ScanNode } from "./node.js";
import { GOES_ON_OUTPUT, INDEX_INPUT } from "./scan-body.js";
import type { StagedProgram } from "./staged-program.js";
import { roundUp } from "./vectors.js";
import type { Placement, Region } from "./wasm/kernel-context.js";

/** Buffers of the arena begin on a cache line; what is kept for every member only where one or two vectors may. */
const ALIGNMENT = 64;
const COMPACT_ALIGNMENT = 32;
const VECTOR_BYTES = 16;
/** A vector read at a row's end may reach beyond its buffer. */
const SLACK = VECTOR_BYTES;
/** Vectors that a kernel may leave for itself. */
const SCRATCH_BYTES = 16 * 32;

const NOTHING: Near = new Set();

/** Where values lie that are written as a whole. */
interface WholeMemory {
  readonly region: "arena" | "work" | "near";
  readonly arena: Arena;
  /** Bytes of the region before them. */
  readonly start: number;
}

/**
 * Places states, outputs and other inputs of a member in its region (states first), shared inputs and constant data in
 * the shared one, and everything else in the arena, where buffers of values that are not needed any more are reused.
 * While a loop runs, it has a part of the arena for its body. Where threads share a member, an arena holds only what one
 * call leaves for the next; values that other threads read lie in the member's region.
 */
export const planMemory = (staged: StagedProgram, wide = false, near: Near = new Set()): MemoryPlan =>
  new MemoryPass(near).run(staged, wide);

/** A loop, of which the places around it are not known yet. */
interface PlacedLoop {
  readonly scan: ScanNode;
  readonly body: StagedProgram;
  readonly index: InputNode;
  readonly windows: readonly (() => Window)[];
  readonly swapped: ReadonlyMap<string, SwappedPart>;
  readonly swaps: readonly (() => Swap)[];
}

class MemoryPass {
  private readonly placements = new Map<Node, Placement>();
  /** Nodes that lie where another one does. */
  private readonly same = new Map<Node, { of: Node; layout: Layout }>();
  private readonly used = { member: 0, shared: 0 };
  /** Where the next of a member's single numbers may lie, unless the last ones filled their group. */
  private words = 0;
  private readonly loops: PlacedLoop[] = [];
  private windows = 0;
  /** Values near the threads: of the program itself, whose kernels count the time, not of its loops. Quads lie apart. */
  private readonly nearArena = new Arena();
  private readonly quadArena = new Arena();

  constructor(private readonly near: Near) {}

  run(staged: StagedProgram, wide: boolean): MemoryPlan {
    const { graph } = staged.fused;
    const { inputs } = graph;
    for (const { input } of graph.updates) this.append(graph, inputs.get(input)!, "member");
    const stateBytes = this.used.member;
    for (const { node } of graph.outputs) this.append(graph, node, "member");
    for (const node of inputs.values()) if (!this.placements.has(node)) this.append(graph, node, node.scope);
    const residents = Array.from(inputs.values()).flatMap((node) => this.reside(graph, node));
    const arena = new Arena();
    const whole: WholeMemory = wide
      ? { region: "work", arena: new Arena(), start: roundUp(this.used.member, ALIGNMENT) }
      : { region: "arena", arena, start: 0 };
    this.placeStages(staged, arena, whole, this.near);
    this.placeSame();
    const scratch = roundUp(arena.size + SLACK, ALIGNMENT);
    return {
      placements: this.placements,
      stateBytes,
      memberBytes: (wide ? whole.start + whole.arena.size : this.used.member) + SLACK,
      arenaBytes: scratch + SCRATCH_BYTES,
      scratch,
      sharedBytes: this.used.shared + SLACK,
      commits: this.commitsOf(staged),
      loops: new Map(
        this.loops.map(({ scan, body, index, windows, swapped, swaps }) => [
          scan,
          {
            index: this.placements.get(index)!,
            windows: windows.map((window) => window()),
            swaps: swaps.map((swap) => swap()),
            commits: this.commitsOf(body).filter(({ node }) => !isSwapped(swapped, node)),
            goesOn: scan.mayEnd ? this.placements.get(outputOf(body, GOES_ON_OUTPUT)) : undefined,
          },
        ]),
      ),
      windows: this.windows,
      nearBytes: this.nearArena.size,
      quadBytes: this.quadArena.size,
      residents,
    };
  }

  /** Lets an input lie near the threads, if it is to. */
  private reside(graph: LaidOutGraph, node: InputNode): Resident[] {
    if (!this.near.has(node)) return [];
    const home = this.placements.get(node)!;
    const copy = placementOf(graph, node, "near", this.nearArena.take(bytesOf(graph, node), Infinity));
    this.placements.set(node, copy);
    const changes = graph.updates.some(({ input }) => input === node.name);
    // Single numbers lie close together.
    const words = sizeOf(node.shape) === 1 ? 1 : graph.layouts.get(node)!.size;
    return [{ home, copy, bytes: 4 * words, changes }];
  }

  private append(graph: LaidOutGraph, node: Node, region: "member" | "shared"): void {
    const packed = region === "member" && sizeOf(node.shape) === 1;
    const offset = packed ? this.nextWord() : this.takeCompact(region, 4 * graph.layouts.get(node)!.size);
    this.placements.set(node, placementOf(graph, node, region, offset));
  }

  private takeCompact(region: "member" | "shared", bytes: number): number {
    const offset = roundUp(this.used[region], bytes < COMPACT_ALIGNMENT ? VECTOR_BYTES : COMPACT_ALIGNMENT);
    this.used[region] = offset + bytes;
    return offset;
  }

  /** A place for one of a member's single numbers, which lie together. */
  private nextWord(): number {
    if (this.words % COMPACT_ALIGNMENT === 0) this.words = this.takeCompact("member", COMPACT_ALIGNMENT);
    const offset = this.words;
    this.words += 4;
    return offset;
  }

  /** Places everything whose place is not known yet; returns the nodes that lie in the given arena. */
  private placeStages(
    staged: StagedProgram,
    arena: Arena,
    whole: WholeMemory = { region: "arena", arena, start: 0 },
    near: Near = NOTHING,
  ): Node[] {
    const { fused, schedule, overwritten } = staged;
    const { graph, stored } = fused;
    const { placements, same } = this;
    const { inputs } = graph;
    for (const node of graph.nodes) {
      if (node.kind === "data") this.append(graph, node, "shared");
      if (node.kind === "scan") this.shareCarry(staged, node);
    }
    const pending = new Set<Node>();
    for (const { input, node } of graph.updates) {
      if (schedule.inPlace.has(node)) this.lieAs(graph, node, inputs.get(input)!);
      else pending.add(node);
    }
    for (const { node } of graph.outputs) if (!placements.has(node)) pending.add(node);
    const kept = new Set([...graph.updates, ...graph.outputs].map((root) => root.node));
    for (const [node, base] of overwritten.bases) {
      if (stored.has(base) && !kept.has(base) && !kept.has(node)) this.lieAs(graph, node, base);
    }
    for (const [node, operand] of overwritten.operands) {
      const ownsMemory = !same.has(operand) || operand.kind === "result";
      if (!placements.has(node) && !same.has(node) && ownsMemory) this.lieAs(graph, node, operand);
    }
    const own: Node[] = [];
    const births = lifetimes(schedule.stages, {
      isElsewhere: (node) => placements.has(node) || same.has(node) || !stored.has(node),
      isUntilEnd: (node) => pending.has(node),
      bufferOf: (node) => this.bufferOf(node),
    });
    for (const { kernels, blocked, local, whole: wholes, time } of births) {
      arena.release(time);
      whole.arena.release(time);
      if (near !== NOTHING) for (const memory of [this.nearArena, this.quadArena]) memory.release(time);
      for (const { node, lastUse } of wholes) {
        const memory = near.has(node) ? this.nearMemory(graph, node) : whole;
        const offset = memory.start + memory.arena.take(bytesOf(graph, node), lastUse);
        placements.set(node, placementOf(graph, node, memory.region, offset));
        own.push(node);
      }
      const inner = new Arena();
      const inside = blocked && graph.target.vectors ? this.placeBlocks(graph, local, inner) : [];
      if (blocked && !graph.target.vectors) this.placeBlocksNear(graph, local, time);
      const isNear = kernels.some((kernel) => kernel.kind === "scan" && near.has(kernel.scan));
      // Both buffers of a part of the carry lie in one array.
      const spareFor = ({ start, next }: SwappedPart, body: LaidOutGraph): Node | undefined => {
        const startIsNear = this.placements.get(this.bufferOf(start))?.region === "near";
        if (near === NOTHING || startIsNear === isNear) return undefined;
        const memory = startIsNear ? this.nearMemory(body, next) : whole;
        return this.spare(body, next, memory.region, memory.start + memory.arena.take(bytesOf(body, next), time));
      };
      for (const kernel of kernels)
        if (kernel.kind === "scan") inside.push(...this.placeBody(kernel, staged, inner, spareFor));
      if (isNear) this.move(inside, this.nearArena.take(inner.size, time), "near");
      else if (inside.length > 0) this.move(inside, arena.take(inner.size, time));
      own.push(...inside);
    }
    return own;
  }

  /** Moves what lies in an arena of its own by some bytes into another one. */
  private move(nodes: readonly Node[], bytes: number, to?: Region): void {
    for (const node of nodes) {
      const placement = this.placements.get(node)!;
      const { region, offset } = placement;
      this.placements.set(node, { ...placement, region: to ?? region, offset: offset + bytes });
    }
  }

  private nearMemory(graph: LaidOutGraph, node: Node): WholeMemory {
    return { region: "near", arena: isQuad(graph, node) ? this.quadArena : this.nearArena, start: 0 };
  }

  /** Places values that live within a block in an arena of their own. */
  private placeBlocks(graph: LaidOutGraph, local: readonly Lifetime[], arena: Arena): Node[] {
    return local.map(({ node, born, lastUse }) => {
      const axis = keptAxes(node).indexOf(graph.blockedAxis.get(node)!);
      const [shape, { lane, group }] = [node.shape.with(axis, graph.target.block), graph.layouts.get(node)!];
      const layout = layoutFor(graph.target, shape, lane, { blocked: -1, compact: graph.target.vectors, group });
      arena.release(born);
      const offset = arena.take(roundUp(4 * layout.size, ALIGNMENT), lastUse);
      this.placements.set(node, { region: "block", strides: layout.strides, group, offset });
      return node;
    });
  }

  /** The same near the threads, where quads lie in an array of their own. */
  private placeBlocksNear(graph: LaidOutGraph, local: readonly Lifetime[], time: number): void {
    for (const memory of [this.nearArena, this.quadArena]) {
      const values = local.filter(({ node }) => this.nearMemory(graph, node).arena === memory);
      const inner = new Arena();
      const nodes = this.placeBlocks(graph, values, inner);
      this.move(nodes, memory.take(inner.size, time));
    }
  }

  private lieAs(graph: LaidOutGraph, node: Node, of: Node): void {
    this.same.set(node, { of, layout: graph.layouts.get(node)! });
  }

  /**
   * The last carry lies where the first one did, unless an odd number of swaps leaves it in the other buffer. Threads bring it
   * back from there: not all buffers that they read lie in one array.
   */
  private shareCarry({ fused: { graph }, bodies }: StagedProgram, scan: ScanNode): void {
    const swapped = swappedParts(scan, graph, bodies.get(scan.body)!);
    const starts = new Map(scan.operands.map(({ input, access }) => [input, access.node]));
    for (const node of graph.nodes) {
      if (node.kind !== "result" || node.scan.node !== scan || node.what !== "carry") continue;
      if (usesSpare(scan, graph) || !swapped.has(node.name)) this.lieAs(graph, node, starts.get(node.name)!);
    }
  }

  /** Returns the nodes that lie in the arena; `spareFor` may give a part of the carry its second buffer elsewhere. */
  private placeBody(
    { scan, nodes }: ScanKernel,
    outer: StagedProgram,
    arena: Arena,
    spareFor: (part: SwappedPart, body: LaidOutGraph) => Node | undefined,
  ): Node[] {
    const body = outer.bodies.get(scan.body)!;
    const { graph } = body.fused;
    const { inputs } = graph;
    const index = inputs.get(INDEX_INPUT)!;
    this.placements.set(index, placementOf(graph, index, "arena", arena.take(ALIGNMENT, Infinity)));
    const windows: (() => Window)[] = [];
    const swapped = swappedParts(scan, outer.fused.graph, body);
    for (const { role, input, access } of scan.operands) {
      const node = inputs.get(input)!;
      if (role === "slice") windows.push(this.window(graph, node, access.node, outer));
      else if (!swapped.has(input)) this.lieAs(graph, node, access.node);
    }
    const spares: Node[] = [];
    const swaps = Array.from(swapped.values(), (part) => {
      if (!usesSpare(scan, graph)) return this.swap(graph, part, part.end);
      const elsewhere = spareFor(part, graph);
      const other = elsewhere ?? this.spare(graph, part.next, "arena", arena.take(bytesOf(graph, part.next), Infinity));
      if (!elsewhere) spares.push(other);
      return this.swap(graph, part, other);
    });
    const outputs = new Map(graph.outputs.map(({ name, node }) => [name, node]));
    for (const node of nodes)
      if (node.kind === "result" && node.what === "stack")
        windows.push(this.window(graph, outputs.get(node.name)!, node, outer));
    this.loops.push({ scan, body, index, windows, swapped, swaps });
    return [index, ...spares, ...this.placeStages(body, arena)];
  }

  /** A second buffer for a node's values, for the time of a loop. */
  private spare(graph: LaidOutGraph, node: Node, region: Region, offset: number): Node {
    const spare = { ...node };
    this.placements.set(spare, placementOf(graph, node, region, offset));
    return spare;
  }

  /** Lets a body read a part of the carry in one buffer and write it to another; where they are will be known at the end. */
  private swap(graph: LaidOutGraph, { present, next, start }: SwappedPart, other: Node): () => Swap {
    const [read, written] = [this.windows++, this.windows++];
    this.placements.set(present, placementOf(graph, present, `window ${read}`, 0));
    this.placements.set(next, placementOf(graph, next, `window ${written}`, 0));
    return () => ({
      read: { number: read, buffer: this.placements.get(start)! },
      written: { number: written, buffer: this.placements.get(other)! },
      bytes: 4 * graph.layouts.get(next)!.size,
    });
  }

  /** Lets a node of the body see one slice of a stack; where that is will be known at the end. */
  private window(graph: LaidOutGraph, node: Node, stack: Node, outer: StagedProgram): () => Window {
    const number = this.windows++;
    this.placements.set(node, placementOf(graph, node, `window ${number}`, 0));
    const bytesOfSlice = 4 * outer.fused.graph.layouts.get(stack)!.strides[0]!;
    return () => ({ number, stack: this.placements.get(stack)!, bytesOfSlice });
  }

  private placeSame(): void {
    for (const [node, { layout }] of this.same) {
      const placement = this.placements.get(this.bufferOf(node))!;
      const strides = placement.region === "block" ? placement.strides : layout.strides;
      this.placements.set(node, { ...placement, strides, group: layout.group });
    }
  }

  /** The node in whose memory another one lies. */
  private bufferOf(node: Node): Node {
    for (let next = this.same.get(node); next; next = this.same.get(node)) node = next.of;
    return node;
  }

  private commitsOf({ fused, schedule }: StagedProgram): Commit[] {
    const { inputs } = fused.graph;
    const waiting = fused.graph.updates.filter(({ node }) => !schedule.inPlace.has(node));
    return waiting.map(({ input, node }) => ({ node, to: this.placements.get(inputs.get(input)!)! }));
  }
}

const isQuad = (graph: LaidOutGraph, node: Node): boolean => graph.layouts.get(node)!.group === "quad";

/** Whether a second buffer serves a part of a loop's carry only while the loop runs. */
const usesSpare = ({ length }: ScanNode, { target }: LaidOutGraph): boolean => length % 2 === 0 || !target.vectors;

const isSwapped = (swapped: ReadonlyMap<string, SwappedPart>, node: Node): boolean =>
  [...swapped.values()].some(({ next }) => next === node);

const outputOf = ({ fused }: StagedProgram, wanted: string): Node =>
  fused.graph.outputs.find(({ name }) => name === wanted)!.node;

const bytesOf = (graph: LaidOutGraph, node: Node): number => roundUp(4 * graph.layouts.get(node)!.size, ALIGNMENT);

const placementOf = (graph: LaidOutGraph, node: Node, region: Region, offset: number): Placement => ({
  region,
  offset,
  strides: graph.layouts.get(node)!.strides,
  group: graph.layouts.get(node)!.group,
});
