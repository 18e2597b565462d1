import type { Shape } from "../tensor/shape.js";
import { along, type AxisIndex, type IndexMap } from "./access.js";
import {
  type Access,
  accessesOf,
  type DynamicIndex,
  type Graph,
  type Node,
  type ScanNode,
  type ScanOperand,
  withAccesses,
} from "./node.js";

/**
 * Gives every value that differs between members an axis of `lanes` members. The layout pass puts vectors on it: what
 * was a loop over a member's elements handles the same element of all these members at once, and nothing crosses lanes.
 */
export function packMembers(graph: Graph, lanes: number): Graph {
  const shared = new Set(graph.nodes.flatMap((node) => (isInput(node) && node.scope === "shared" ? [node.name] : [])));
  return new PackPass(graph, lanes, shared).run();
}

const isInput = (node: Node) => node.kind === "input";

/** The place of the members' axis: behind the iterations in a stack, else first. */
const [FIRST, IN_STACK] = [0, 1];

class PackPass {
  private readonly packed = new Map<Node, Node>();
  private readonly axes = new Map<Node, number>();
  private readonly roots: ReadonlySet<Node>;

  /** Inputs named in `common` are the same for all members. */
  constructor(
    private readonly graph: Graph,
    private readonly lanes: number,
    private readonly common: ReadonlySet<string>,
  ) {
    this.roots = new Set([...graph.updates, ...graph.outputs].map(({ node }) => node));
  }

  run(): Graph {
    const { graph, packed } = this;
    for (const node of graph.nodes) packed.set(node, this.pack(node));
    return {
      nodes: [...packed.values()],
      updates: graph.updates.map(({ input, node }) => ({ input, node: packed.get(node)! })),
      outputs: graph.outputs.map(({ name, node }) => ({ name, node: packed.get(node)! })),
      packAxes: this.axes,
    };
  }

  private pack(node: Node): Node {
    if (node.kind === "scan") return this.packScan(node);
    if (!this.differs(node)) return withAccesses(node, (access) => this.read(access));
    const at = node.kind === "result" && node.what === "stack" ? IN_STACK : FIRST;
    const wide = this.widen(
      withAccesses(node, (access) => this.read(access, FIRST)),
      node,
      at,
    );
    this.axes.set(wide, at);
    return wide;
  }

  /** True when members have values of their own, or the host asks each of them. */
  private differs(node: Node): boolean {
    if (node.kind === "input") return !this.common.has(node.name);
    return node.kind === "result" || this.roots.has(node) || accessesOf(node).some((access) => this.isOwn(access));
  }

  private isOwn({ node }: Access): boolean {
    return this.axes.has(this.packed.get(node)!);
  }

  /** An access to what now stands for its node, by a reader whose axis `at` counts the members, if it has one. */
  private read({ node, map }: Access, at?: number): Access {
    const packed = this.packed.get(node)!;
    const own = this.axes.get(packed);
    const moved = at === undefined ? map : shifted(map, at);
    return { node: packed, map: own === undefined ? moved : moved.toSpliced(own, 0, along(at!)) };
  }

  private widen(wide: Node, { shape: narrow }: Node, at: number): Node {
    const shape = this.wider(narrow, at);
    switch (wide.kind) {
      case "reduction":
        return { ...wide, shape, space: this.wider(wide.space), axes: wide.axes.map((axis) => axis + 1) };
      case "contraction":
        return { ...wide, shape, space: this.wider(wide.space) };
      case "assembly": {
        const parts = wide.parts.map(({ space, source, target }) => ({
          space: this.wider(space),
          source,
          target: widerTarget(target),
        }));
        return { ...wide, shape, parts };
      }
      case "gather":
        return { ...wide, shape, indices: this.stillAlongMembers(wide.indices, this.axes.get(wide.source.node)) };
      case "scatter": {
        const indices = this.stillAlongMembers(wide.indices, FIRST);
        return { ...wide, shape, space: this.wider(wide.space), target: widerTarget(wide.target), indices };
      }
      default:
        return { ...wide, shape };
    }
  }

  private wider(shape: Shape, at = FIRST): Shape {
    return shape.toSpliced(at, 0, this.lanes);
  }

  /** Indices never lead from one member to another. */
  private stillAlongMembers(indices: readonly DynamicIndex[], axis: number | undefined): DynamicIndex[] {
    return indices.map((index) => ({
      ...index,
      scales: axis === undefined ? index.scales : index.scales.toSpliced(axis, 0, 0),
    }));
  }

  /** What goes round in a loop, each member has of its own. */
  private packScan(scan: ScanNode): ScanNode {
    const operands = scan.operands.map(({ role, input, access }) => {
      const own = role === "carry" || this.isOwn(access);
      const at = role === "slice" ? IN_STACK : FIRST;
      return { own, operand: { role, input, access: this.read(access, own ? at : undefined) } satisfies ScanOperand };
    });
    const owned = new Set(operands.filter(({ own }) => own).map(({ operand }) => operand.input));
    const inputs = scan.body.nodes.flatMap((node) => (isInput(node) ? [node.name] : []));
    const common = new Set(inputs.filter((name) => !owned.has(name)));
    const body = new PackPass(scan.body, this.lanes, common).run();
    return { ...scan, body, operands: operands.map(({ operand }) => operand) };
  }
}

/** The same indices for a reader that has got another axis. */
const shifted = (map: IndexMap, at: number): AxisIndex[] =>
  map.map(({ offset, terms }) => ({
    offset,
    terms: terms.map(({ axis, scale }) => ({ axis: axis < at ? axis : axis + 1, scale })),
  }));

const widerTarget = (target: IndexMap): IndexMap => [along(FIRST), ...shifted(target, FIRST)];
