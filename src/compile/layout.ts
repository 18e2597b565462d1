import { type Shape, sizeOf } from "../tensor/shape.js";
import { along, identityMap, isIdentity, isStill, soleAxis } from "./access.js";
import { AxisClasses } from "./axis-classes.js";
import { type Layout, layoutFor, stackedLayout } from "./buffer-layout.js";
import {
  type Access,
  accessesOf,
  type ContractionNode,
  type ElementwiseNode,
  type Graph,
  type InputNode,
  isSource,
  keptAxes,
  type Node,
  type ReductionNode,
  type ResultNode,
  type ScanNode,
  type ScanOperand,
  withAccesses,
} from "./node.js";
import { CORE, type Target } from "./target.js";
import { LANES } from "./vectors.js";

/** How a contraction uses vectors. */
export type ContractionForm =
  /** Lanes along an axis of the result: `vector` is loaded in vectors, the other operand in scalars. */
  | { readonly kind: "outer"; readonly lane: number; readonly vector: "left" | "right" }
  /** Lanes along the summed axis, added up at the end. */
  | { readonly kind: "dot" };

export interface LaidOutGraph extends Graph {
  readonly target: Target;
  readonly inputs: ReadonlyMap<string, InputNode>;
  readonly layouts: ReadonlyMap<Node, Layout>;
  /** The axis of the space that a node's loop runs over in vectors; −1 where all axes have length 1. */
  readonly lanes: ReadonlyMap<Node, number>;
  readonly forms: ReadonlyMap<ContractionNode, ContractionForm>;
  /** Copies that only change the lane axis. */
  readonly relayouts: ReadonlySet<Node>;
  /** The length of the axis (the batch, as a rule) that stages may work off block by block; 0 for none. */
  readonly blockedLength: number;
  /** The axis of a node's space that is this one, or −1. */
  readonly blockedAxis: ReadonlyMap<Node, number>;
  /** The axis of a node itself that counts a batch, or −1. */
  readonly batchAxis: ReadonlyMap<Node, number>;
}

/** Layouts of the bodies of a graph's loops. */
export type BodyLayouts = ReadonlyMap<Graph, LaidOutGraph>;

/**
 * Chooses the axis of every tensor that vectors run along. Axes that any operation identifies form a class; classes
 * are ranked by the work done along them, and every tensor takes its best one. For a network that is the batch for
 * activations and a layer's width for weights. Where a matrix product needs another axis, a copy is inserted.
 */
export function layOut(graph: Graph, bodies: BodyLayouts = new Map(), target: Target = CORE): LaidOutGraph {
  return new LayoutPass(graph, bodies, target).run();
}

class LayoutPass {
  private readonly classes: AxisClasses;
  private readonly lanes = new Map<Node, number>();
  private readonly forms = new Map<ContractionNode, ContractionForm>();
  private readonly copies = new Map<string, Node>();
  private readonly relayouts = new Set<Node>();
  /** Nodes that the host sees: their layouts are compact. */
  private readonly visible = new Set<Node>();
  /** What loops read and leave behind lies as their bodies want it. */
  private readonly prescribed = new Map<Node, Layout>();
  private readonly nodes: Node[] = [];
  private nextId: number;
  /** Rows of an odd length serve threads that read down columns, and stand in the way of those that read several short rows. */
  private readonly readsColumns: boolean;

  constructor(
    private readonly graph: Graph,
    private readonly bodies: BodyLayouts,
    private readonly target: Target,
  ) {
    this.classes = new AxisClasses(graph, target);
    this.nextId = graph.nodes.length;
    for (const node of graph.nodes) this.lanes.set(node, this.classes.bestAxis(node));
    this.readsColumns = !target.vectors && this.findColumnReads();
  }

  run(): LaidOutGraph {
    const { graph, target, lanes, forms, relayouts } = this;
    const replaced = new Map<Node, Node>();
    for (const node of withFoldsLast(graph.nodes)) {
      if (node.kind === "input" || node.kind === "data") this.visible.add(node);
      const read = withAccesses(node, ({ node: old, map }) => ({ node: replaced.get(old)!, map }));
      const placed = this.place(read, lanes.get(node)!, this.classes.blockedAxis(node));
      replaced.set(node, placed);
      lanes.set(placed, this.prescribed.get(placed)?.lane ?? lanes.get(placed) ?? lanes.get(node)!);
      this.classes.alias(placed, node);
      this.nodes.push(placed);
    }
    const updates = graph.updates.map(({ input, node }) => ({ input, node: replaced.get(node)! }));
    const outputs = graph.outputs.map(({ name, node }) => ({ name, node: replaced.get(node)! }));
    for (const { node } of [...updates, ...outputs]) this.visible.add(node);
    const blockedAxis = new Map(this.nodes.map((node) => [node, this.blockedAxisOf(node)]));
    const layouts = new Map(this.nodes.map((node) => [node, this.layoutOf(node, blockedAxis.get(node)!)]));
    const { blockedLength } = this.classes;
    const { nodes } = this;
    const batchAxis = new Map(nodes.map((node) => [node, this.classes.batchAxis(node)]));
    const axes = { blockedLength, blockedAxis, batchAxis };
    const inputs = new Map(nodes.flatMap((node) => (node.kind === "input" ? [[node.name, node] as const] : [])));
    return { target, inputs, nodes, updates, outputs, layouts, lanes, forms, relayouts, ...axes };
  }

  /** `lane`, `blocked`: axes of the node's space. */
  private place(node: Node, lane: number, blocked: number): Node {
    if (node.kind === "contraction") return this.placeContraction(node, lane);
    if (node.kind === "reduction") return this.placeReduction(node, blocked);
    if (node.kind === "scan") return this.placeScan(node);
    if (node.kind === "result") this.prescribed.set(node, this.resultLayout(node));
    return node;
  }

  /**
   * A fold over the blocked axis reads the copy that a matrix product needs, if there is one: the values that are copied
   * then live no longer than their block.
   */
  private placeReduction(node: ReductionNode, blocked: number): ReductionNode {
    const { node: read, map } = node.operand;
    if (!node.axes.includes(blocked)) return node;
    for (const own of read.shape.keys()) {
      const copy = this.copies.get(`${read.id} ${own}`);
      const lane = soleAxis(map, own);
      if (!copy || lane < 0 || node.axes.includes(lane)) continue;
      const placed = { ...node, operand: { node: copy, map } };
      this.lanes.set(placed, lane);
      return placed;
    }
    return node;
  }

  /** The carry starts in buffers of its own, which the loop writes over; other operands are read where they lie. */
  private placeScan(node: ScanNode): ScanNode {
    const body = this.bodies.get(node.body)!;
    const operands = node.operands.map(({ role, input, access }): ScanOperand => {
      const inner = body.nodes.find((one) => one.kind === "input" && one.name === input)!;
      const layout = body.layouts.get(inner)!;
      const wanted = role === "slice" ? stackedLayout(layout, inner.shape, node.length) : layout;
      const shape = role === "slice" ? [node.length, ...inner.shape] : inner.shape;
      if (role !== "carry" && this.liesAs(access, shape, wanted)) return { role, input, access };
      const copy = this.copy(access, shape, wanted.lane);
      this.prescribed.set(copy, wanted);
      this.lanes.set(copy, wanted.lane);
      return { role, input, access: { node: copy, map: identityMap(shape.length) } };
    });
    return { ...node, operands };
  }

  private resultLayout({ scan: { node }, what, name }: ResultNode): Layout {
    const { body, length } = node as ScanNode;
    const { nodes, outputs, layouts } = this.bodies.get(body)!;
    if (what === "carry") return layouts.get(nodes.find((one) => one.kind === "input" && one.name === name)!)!;
    const { node: inner } = outputs.find((output) => output.name === name)!;
    return stackedLayout(layouts.get(inner)!, inner.shape, length);
  }

  /** True when an operand needs no copy. Truth values of inputs are 0 or 1, those that a body reads are masks. */
  private liesAs({ node, map }: Access, shape: Shape, wanted: Layout): boolean {
    const given = isSource(node);
    if (node.kind === "constant" || node.kind === "iota" || (given && node.dtype === "bool")) return false;
    if (!isIdentity(map, shape, node.shape)) return false;
    const { strides, size } = this.layoutOf(node, this.blockedAxisOf(node));
    return (
      size === wanted.size && shape.every((length, axis) => length === 1 || strides[axis] === wanted.strides[axis])
    );
  }

  private blockedAxisOf(node: Node): number {
    return this.prescribed.has(node) ? -1 : this.classes.blockedAxis(node);
  }

  private placeContraction(node: ContractionNode, lane: number): ContractionNode {
    const rank = node.space.length;
    const [m, n, k] = [rank - 3, rank - 2, rank - 1];
    const batch = node.space.slice(0, m).map((_, axis) => axis);
    const axes = { left: [...batch, m, k], right: [...batch, k, n] };
    const left = this.inMemory(node.left, node.space, axes.left);
    const right = this.inMemory(node.right, node.space, axes.right);
    const thin = Math.min(node.space[m]!, node.space[n]!) <= LANES;
    const lanesAreSummed = node.space[k]! > 1 && [left, right].every((access) => this.unitAxis(access) === k);
    const dot = this.target.vectors && thin && lanesAreSummed;
    const batched = lane >= 0 && lane < m;
    const vector = lane === m || (batched && isStill(right.map, lane)) ? "left" : "right";
    const moves = (side: "left" | "right") => this.target.vectors && !dot && (vector === side || batched);
    const placed: ContractionNode = {
      ...node,
      left: moves("left") ? this.withLane(left, lane, node.space, axes.left) : left,
      right: moves("right") ? this.withLane(right, lane, node.space, axes.right) : right,
    };
    this.forms.set(placed, dot ? { kind: "dot" } : { kind: "outer", lane, vector });
    return placed;
  }

  /** The axis of the reader's space along which an access moves by single elements, or −1. */
  private unitAxis({ node, map }: Access): number {
    const lane = this.lanes.get(node)!;
    const own = keptAxes(node).indexOf(lane);
    return own < 0 ? -1 : (map[own]!.terms.find((term) => term.scale === 1)?.axis ?? -1);
  }

  /** An access to values that lie in memory; `axes` are those of the reader's space that the operand has. */
  private inMemory(access: Access, space: Shape, axes: readonly number[]): Access {
    const { kind } = access.node;
    const isRead = this.target.vectors && (kind === "constant" || kind === "iota");
    return isRead ? this.straightened(access, space, axes, axes.length - 1) : access;
  }

  /** A copy in the operand's own shape. */
  private straightened({ node, map }: Access, space: Shape, axes: readonly number[], lane: number): Access {
    const inner = map.map(({ offset, terms }) => ({
      offset,
      terms: terms.map(({ axis, scale }) => ({ axis: axes.indexOf(axis), scale })),
    }));
    const shape = axes.map((axis) => space[axis]!);
    return { node: this.copy({ node, map: inner }, shape, lane), map: axes.map((axis) => along(axis)) };
  }

  /** The same access to memory in which neighbours along `axis` of the reader's space are neighbours. */
  private withLane(access: Access, axis: number, space: Shape, axes: readonly number[]): Access {
    if (axis < 0 || this.unitAxis(access) === axis) return access;
    const { node, map } = access;
    const reading = map.flatMap(({ terms }, own) => (terms.some((term) => term.axis === axis) ? [own] : []));
    const [own] = reading;
    if (own === undefined) return access;
    if (reading.length > 1 || soleAxis(map, own) !== axis) {
      return this.straightened(access, space, axes, axes.indexOf(axis));
    }
    const key = `${node.id} ${own}`;
    const copy = this.copies.get(key) ?? this.copy({ node, map: identityMap(node.shape.length) }, node.shape, own);
    if (!this.copies.has(key)) this.relayouts.add(copy);
    this.copies.set(key, copy);
    return { node: copy, map };
  }

  private copy(operand: Access, shape: Shape, lane: number): Node {
    const call = { name: "identity", attributes: {} } as const;
    const { dtype } = operand.node;
    const node: ElementwiseNode = { id: this.nextId++, kind: "elementwise", shape, dtype, call, operands: [operand] };
    this.lanes.set(node, shape[lane] === 1 ? shape.findLastIndex((length) => length > 1) : lane);
    this.classes.insert(node);
    this.nodes.push(node);
    return node;
  }

  private layoutOf(node: Node, blocked: number): Layout {
    const prescribed = this.prescribed.get(node);
    if (prescribed) return prescribed;
    const compact = this.target.vectors ? this.visible.has(node) : !this.readsColumns;
    return layoutFor(this.target, node.shape, this.ownLane(node), {
      blocked: keptAxes(node).indexOf(blocked),
      compact,
    });
  }

  /** The axis of a node itself that is innermost in its memory, or −1. */
  private ownLane(node: Node): number {
    const lane = keptAxes(node).indexOf(this.lanes.get(node)!);
    return lane >= 0 ? lane : this.classes.bestOwnAxis(node);
  }

  /** Whether neighbouring threads may read down a column of any value, and not only along rows, as they write them. */
  private findColumnReads(): boolean {
    return this.graph.nodes.some((node) => {
      if (node.kind === "contraction" || node.kind === "gather" || node.kind === "scatter") return true;
      if (node.kind === "scan" || node.kind === "assembly") return false;
      if (node.kind === "reduction" && sizeOf(node.shape) > 1) return true;
      const lane = this.lanes.get(node)!;
      return accessesOf(node).some(({ node: read, map }) => {
        const own = this.ownLane(read);
        return own >= 0 && !isStill(map, lane) && soleAxis(map, own) !== lane;
      });
    });
  }
}

/** Nodes in an order in which folds, and what needs them, come after everything else. */
function withFoldsLast(nodes: readonly Node[]): Node[] {
  const late = new Set<Node>();
  for (const node of nodes) {
    if (node.kind === "reduction" || accessesOf(node).some((access) => late.has(access.node))) late.add(node);
  }
  return [...nodes.filter((node) => !late.has(node)), ...late];
}
