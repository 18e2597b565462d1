import { isIdentity, stridesOf } from "./access.js";
import { type LaidOutGraph } from "./layout.js";
import { spaceOf } from "./node.js";
import { type Access, accessesOf, type ContractionNode, type ElementwiseNode, isSource, type Node } from "./node.js";

/** Operations in a row, expensive ones counted more, after which a value is put into memory: code stays compilable. */
const LONGEST_CHAIN = 400;
const EXPENSIVE_WEIGHT = 20;
/** Operations in a row that may wait for their readers. */
const DEEPEST_SINKING = 16;

/** When nodes are computed. */
export interface Levels {
  /** How many results in memory a node waits for, one after the other: kernels only hold nodes of one level. */
  level(node: Node): number;
  /** The matrix product in whose last pass over its registers an elementwise node is computed. */
  owner(node: Node): ContractionNode | undefined;
}

/** True when the reader may take the value from a register: the same element, computed in the same order. */
export function passes(graph: LaidOutGraph, reader: Node, { node, map }: Access): boolean {
  return isIdentity(map, spaceOf(reader), node.shape) && graph.lanes.get(reader) === graph.lanes.get(node);
}

/**
 * Assigns levels: as early as possible, then cheap operations as late as their readers, where that leaves no more in
 * memory than before.
 */
export function assignLevels(graph: LaidOutGraph, pieces: ReadonlySet<Node>): Levels {
  const alone = new Set<ContractionNode>();
  for (;;) {
    const pass = new LevelPass(graph, alone, pieces);
    const crowded = pass.run();
    if (crowded.length === 0) return pass;
    for (const contraction of crowded) alone.add(contraction);
  }
}

class LevelPass implements Levels {
  private readonly levels = new Map<Node, number>();
  /** Length of the chain of operations that ends in a node, within its level. */
  private readonly chains = new Map<Node, number>();
  private readonly owners = new Map<Node, ContractionNode>();
  private readonly epilogues = new Map<ContractionNode, Set<Node>>();
  private readonly readers = new Map<Node, { node: Node; access: Access }[]>();
  /** How many operations that waited for their readers follow one another, this one included. */
  private readonly sunk = new Map<Node, number>();
  private readonly roots: ReadonlySet<Node>;

  constructor(
    private readonly graph: LaidOutGraph,
    private readonly alone: ReadonlySet<ContractionNode>,
    /** Assemblies that loops read in pieces: as elementwise operations are, they are computed where they are used. */
    private readonly pieces: ReadonlySet<Node>,
  ) {
    this.roots = new Set([...graph.updates, ...graph.outputs].map(({ node }) => node));
    for (const node of graph.nodes)
      for (const access of accessesOf(node)) {
        const list = this.readers.get(access.node);
        if (list) list.push({ node, access });
        else this.readers.set(access.node, [{ node, access }]);
      }
  }

  level(node: Node): number {
    return this.levels.get(node)!;
  }

  owner(node: Node): ContractionNode | undefined {
    return this.owners.get(node);
  }

  /** Returns the matrix products that were given too much to do at their end. */
  run(): ContractionNode[] {
    for (const node of this.graph.nodes) this.rise(node);
    const crowded = [...this.epilogues.keys()].filter((contraction) => !this.fits(contraction));
    if (crowded.length === 0) for (const node of this.graph.nodes.toReversed()) this.sink(node);
    return crowded;
  }

  private rise(node: Node): void {
    const owner = node.kind === "elementwise" ? this.ownerFor(node) : undefined;
    if (owner) {
      this.own(node, owner);
      return;
    }
    const level = Math.max(0, ...accessesOf(node).map((access) => this.earliest(node, access)));
    const inRow = accessesOf(node).filter((access) => this.levels.get(access.node) === level);
    const weight =
      node.kind === "elementwise" && this.graph.target.expensive.has(node.call.name) ? EXPENSIVE_WEIGHT : 1;
    const chain = weight + Math.max(0, ...inRow.map((access) => this.chains.get(access.node) ?? 0));
    this.levels.set(node, chain > LONGEST_CHAIN ? level + 1 : level);
    this.chains.set(node, chain > LONGEST_CHAIN ? weight : chain);
  }

  /** The first level at which a reader can have a value. */
  private earliest(reader: Node, access: Access): number {
    const { node } = access;
    if (isSource(node)) return 0;
    const fusable = reader.kind === "elementwise" || reader.kind === "reduction";
    const computed = this.pieces.has(node) || (node.kind === "elementwise" && !this.owners.has(node));
    const inRegister = fusable && computed;
    return this.level(node) + (inRegister && passes(this.graph, reader, access) ? 0 : 1);
  }

  /** The last matrix product whose registers hold an operand, if all others lie in memory then. */
  private ownerFor(node: ElementwiseNode): ContractionNode | undefined {
    if (this.graph.target.expensive.has(node.call.name)) return undefined;
    const held = node.operands.filter((access) => passes(this.graph, node, access));
    const owners = held.flatMap((access) => this.ownerOf(access.node) ?? []);
    const [owner] = owners.sort((a, b) => this.level(b) - this.level(a));
    if (!owner) return undefined;
    const others = node.operands.filter((access) => this.ownerOf(access.node) !== owner || !held.includes(access));
    const inMemory = ({ node: read }: Access) => isSource(read) || this.level(read) < this.level(owner);
    return others.every((access) => inMemory(access) && this.isInVectors(access, owner)) ? owner : undefined;
  }

  /** True for what lies as the matrix product's vectors do, or is the same in all their lanes. */
  private isInVectors({ node, map }: Access, owner: ContractionNode): boolean {
    if (!this.graph.target.vectors || node.kind === "constant" || node.kind === "iota") return true;
    const { steps } = stridesOf(map, this.graph.layouts.get(node)!.strides, spaceOf(owner).length);
    const step = steps[this.graph.lanes.get(owner)!];
    return step === 0 || step === 1;
  }

  private ownerOf(node: Node): ContractionNode | undefined {
    if (node.kind !== "contraction") return this.owners.get(node);
    const form = this.graph.forms.get(node)!;
    return form.kind === "outer" && form.lane >= 0 && !this.alone.has(node) ? node : undefined;
  }

  private own(node: Node, owner: ContractionNode): void {
    this.owners.set(node, owner);
    this.levels.set(node, this.level(owner));
    const epilogue = this.epilogues.get(owner) ?? new Set();
    this.epilogues.set(owner, epilogue.add(node));
  }

  private fits(contraction: ContractionNode, extra?: Node): boolean {
    const nodes = new Set(this.epilogues.get(contraction));
    if (extra) nodes.add(extra);
    const reads = [...nodes]
      .flatMap(accessesOf)
      .map((access) => access.node)
      .filter((node) => node !== contraction && node.kind !== "constant" && !nodes.has(node));
    const { epilogueOperations, epilogueReads } = this.graph.target;
    return nodes.size <= epilogueOperations && new Set(reads).size <= epilogueReads;
  }

  /** Computes a node with its readers instead of keeping its value in memory for them. */
  private sink(node: Node): void {
    const readers = this.readers.get(node) ?? [];
    const [first] = readers;
    if (!first || this.roots.has(node)) return;
    if (this.pieces.has(node)) this.sinkPieces(node, readers);
    if (node.kind !== "elementwise" || this.graph.target.expensive.has(node.call.name)) return;
    const level = this.level(first.node);
    const owner = this.owners.get(first.node);
    const together = readers.every(
      ({ node: reader, access }) =>
        (reader.kind === "elementwise" || reader.kind === "reduction") &&
        passes(this.graph, reader, access) &&
        this.level(reader) === level &&
        this.owners.get(reader) === owner,
    );
    if (!together || level === this.level(node) || this.newlyStored(node) > 1) return;
    const depth = 1 + Math.max(...readers.map((reader) => this.sunk.get(reader.node) ?? 0));
    if (depth > DEEPEST_SINKING) return;
    this.sunk.set(node, depth);
    if (!owner) this.release(node, level);
    else if (this.fits(owner, node) && node.operands.every((access) => this.isInVectors(access, owner))) {
      this.release(node, level);
      this.own(node, owner);
    }
  }

  /** Their parts lie in memory, for whoever reads them and whenever. */
  private sinkPieces(node: Node, readers: readonly { node: Node }[]): void {
    const levels = new Set(readers.map((reader) => this.level(reader.node)));
    if (levels.size === 1 && readers.every((reader) => !this.owners.has(reader.node)))
      this.levels.set(node, [...levels][0]!);
  }

  /** Computes a node on another level, and no more at the end of a matrix product. */
  private release(node: Node, level: number): void {
    const owner = this.owners.get(node);
    if (owner) this.epilogues.get(owner)!.delete(node);
    this.owners.delete(node);
    this.levels.set(node, level);
  }

  /** How many operands would have to be kept in memory for a node that moves away from them. */
  private newlyStored(node: ElementwiseNode): number {
    const level = this.level(node);
    const operands = new Set(node.operands.map((access) => access.node));
    const inRegister = [...operands].filter((read) => {
      const computed = read.kind === "elementwise" || read === this.owners.get(node);
      if (!computed || this.level(read) !== level || this.roots.has(read)) return false;
      return this.readers.get(read)!.every((reader) => this.level(reader.node) === level);
    });
    return inRegister.length;
  }
}
