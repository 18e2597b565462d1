import { type Shape, sizeOf } from "../tensor/shape.js";
import { soleAxis } from "./access.js";
import { largest } from "./largest.js";
import { accessesOf, type Graph, isSource, keptAxes, type Node, spaceOf } from "./node.js";
import type { Target } from "./target.js";
import { BLOCK, LANES, roundUp } from "./vectors.js";

/** Blocks below which an axis is not worth cutting, and elements that fit a core's first cache. */
const FEWEST_BLOCKS = 4;
const CACHED_ELEMENTS = 16384;
/** Share of the work along the busiest axes that has to be done along the batch for it to be preferred. */
const ENOUGH_WORK = 0.5;

/** Axes that belong together because an operation identifies them, and how much work is done along each class. */
export class AxisClasses {
  /** The length of the class with most work where cutting it into blocks keeps values in the cache, else 0. */
  readonly blockedLength: number;
  private readonly first = new Map<Node, number>();
  private readonly parent: number[] = [];
  private readonly score: readonly number[];
  private readonly busiest: number;
  /** Whether the class with most work is of what passes from step to step, a batch, rather than of a state. */
  private readonly busiestPasses: boolean;

  constructor(
    private readonly graph: Graph,
    private readonly target: Target,
  ) {
    const { nodes } = graph;
    for (const node of nodes) this.insert(node);
    const inputs = new Map(nodes.flatMap((node) => (node.kind === "input" ? [[node.name, node] as const] : [])));
    const states = graph.updates.map(({ input }) => inputs.get(input)!);
    // A state's next value has to lie as the present one does.
    graph.updates.forEach(({ node }, i) => {
      keptAxes(node).forEach((axis, own) => (this.parent[this.classOf(states[i]!, own)] = this.classOf(node, axis)));
    });
    const score = this.rate(nodes);
    const lasting = new Set(states.flatMap((state) => state.shape.map((_, axis) => this.classOf(state, axis))));
    this.busiest = chooseBusiest(score, lasting);
    this.busiestPasses = states.length > 0 && !lasting.has(this.busiest);
    this.score = score.map((work, of) => (of === this.busiest ? Infinity : work));
    this.blockedLength = target.block > 0 && !graph.packAxes ? this.chooseBlocked(nodes, states) : 0;
  }

  /** A node whose operands are known already. */
  insert(node: Node): void {
    this.first.set(node, this.parent.length);
    spaceOf(node).forEach(() => this.parent.push(this.parent.length));
    this.unite(node);
  }

  /** A node that stands for another one's values. */
  alias(node: Node, of: Node): void {
    this.first.set(node, this.first.get(of)!);
  }

  /** The axis of a node's space to run vectors along, or −1. */
  bestAxis(node: Node): number {
    const members = this.graph.packAxes?.get(node);
    if (members !== undefined) return members;
    return this.best(node, spaceOf(node), node.kind === "contraction" ? keptAxes(node) : undefined);
  }

  /** The axis of the node itself to be innermost, or −1. */
  bestOwnAxis(node: Node): number {
    return keptAxes(node).indexOf(this.best(node, spaceOf(node), keptAxes(node)));
  }

  /** The axis of a node's space that may be cut into blocks, or −1. */
  blockedAxis(node: Node): number {
    if (this.blockedLength === 0) return -1;
    return spaceOf(node).findLastIndex((length, axis) => length === this.blockedLength && this.isBusiest(node, axis));
  }

  /** The axis of the node itself that counts a batch, or −1; what is computed once, without a state, has none. */
  batchAxis(node: Node): number {
    if (!this.busiestPasses) return -1;
    return keptAxes(node).findLastIndex((axis) => spaceOf(node)[axis]! > 1 && this.isBusiest(node, axis));
  }

  private best(node: Node, space: Shape, among = space.map((_, axis) => axis)): number {
    let best = -1;
    for (const axis of among) {
      const better = best < 0 || this.scoreOf(node, axis) >= this.scoreOf(node, best);
      if (space[axis]! > 1 && better) best = axis;
    }
    return best;
  }

  private scoreOf(node: Node, axis: number): number {
    return this.score[this.classOf(node, axis)]!;
  }

  private isBusiest(node: Node, axis: number): boolean {
    return this.classOf(node, axis) === this.busiest;
  }

  private classOf(node: Node, axis: number): number {
    let at = this.first.get(node)! + axis;
    while (this.parent[at] !== at) at = this.parent[at] = this.parent[this.parent[at]!]!;
    return at;
  }

  private unite(node: Node): void {
    const space = spaceOf(node);
    if (node.kind === "assembly" || node.kind === "scan" || node.kind === "result") return;
    // Of a scatter, only what it starts from has its axes.
    const accesses = node.kind === "scatter" ? [node.base] : accessesOf(node);
    for (const { node: read, map } of accesses) {
      const kept = keptAxes(read);
      map.forEach((_, own) => {
        const axis = soleAxis(map, own);
        if (axis < 0 || space[axis] === 1) return;
        this.parent[this.classOf(node, axis)] = this.classOf(read, kept[own]!);
      });
    }
  }

  /** Long axes are good: short ones leave lanes empty. A contraction counts its multiplications. */
  private rate(nodes: readonly Node[]): number[] {
    const score = this.parent.map(() => 0);
    for (const node of nodes) {
      if (accessesOf(node).length === 0) continue;
      const work = sizeOf(spaceOf(node));
      for (const axis of keptAxes(node)) {
        const length = spaceOf(node)[axis]!;
        const use = (length / roundUp(length, LANES)) * Math.min(1, length / BLOCK);
        score[this.classOf(node, axis)]! += work * use;
      }
    }
    return score;
  }

  /** Chains of matrix products over a batch gain, if what they leave behind does not fit the cache as a whole. */
  private chooseBlocked(nodes: readonly Node[], states: readonly Node[]): number {
    const carries = (node: Node) => keptAxes(node).some((axis) => this.isBusiest(node, axis));
    const products = nodes.filter((node) => node.kind === "contraction" && carries(node));
    if (products.length < 2 || states.some(carries)) return 0;
    const elements = nodes.reduce((sum, node) => sum + (!isSource(node) && carries(node) ? sizeOf(node.shape) : 0), 0);
    const lengths = products.flatMap((node) => node.shape.filter((_, axis) => this.isBusiest(node, axis)));
    const length = Math.max(...lengths);
    const { block, vectors } = this.target;
    // Threads have no part of a block to leave out.
    if (!vectors) return length > block && length % block === 0 ? length : 0;
    return length >= FEWEST_BLOCKS * block && elements > CACHED_ELEMENTS ? length : 0;
  }
}

/**
 * The class with most work. One that no state has (the batch) comes before those of states (the layers' widths) unless
 * far less is done along it: everything between the states can then lie in the same way.
 */
function chooseBusiest(score: readonly number[], lasting: ReadonlySet<number>): number {
  const passing = score.map((work, of) => (lasting.has(of) ? 0 : work));
  const [most, mostPassing] = [largest(score), largest(passing)];
  return mostPassing > 0 && mostPassing >= ENOUGH_WORK * most ? passing.indexOf(mostPassing) : score.indexOf(most);
}
