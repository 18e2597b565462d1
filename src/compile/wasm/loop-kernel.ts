import type { ElementwiseOperation, OperationName } from "../../tensor/operation.js";
import { operationOf } from "../../tensor/operations/index.js";
import { identityMap, stridesOf } from "../access.js";
import type { LoopKernel } from "../fuse.js";
import type { Access, AssemblyNode, ElementwiseNode, Node, ReductionNode } from "../node.js";
import type { FunctionBuilder } from "./assembler.js";
import { holdsBooleans, type KernelContext } from "./kernel-context.js";
import { LaneGraph, type Value } from "./lanes.js";
import { keyOf, type Leaf, type Piece, stepOf, type Stream } from "./streams.js";
import { emitNest, type Fold, type Store } from "./nest.js";

/** Emits a loop kernel: elementwise values of a space, stored or folded; of the blocked axis, one block. */
export function emitLoopKernel(
  f: FunctionBuilder,
  kernel: LoopKernel,
  blockedAxis: number,
  context: KernelContext,
): void {
  const trace = new KernelTrace(kernel.space.length, context);
  const stores: Store[] = [];
  const folds: Fold[] = [];
  for (const node of kernel.nodes) {
    if (node.kind === "reduction") {
      folds.push({ kind: node.fold, stream: resultStream(node, context), value: trace.read(node.operand) });
    } else {
      const value = node.kind === "assembly" ? trace.choose(node) : trace.compute(node);
      if (context.stored.has(node)) stores.push(trace.store(node, value));
    }
  }
  const { space, lane } = kernel;
  const lengths = space.map((length, axis) => (axis === blockedAxis ? context.cutLength : length));
  const foldedAxes = kernel.nodes.find((node) => node.kind === "reduction")?.axes ?? [];
  const { leaves } = trace;
  emitNest(f, { lengths, lane, blockedAxis, foldedAxes, leaves, stores, folds, exact: false }, context);
}

/** Where a fold's result lies, for each axis of the space that is folded. */
function resultStream(node: ReductionNode, context: KernelContext): Stream {
  const { region, offset, strides } = context.placements.get(node)!;
  let kept = 0;
  const steps = node.space.map((_, axis) => (node.axes.includes(axis) ? 0 : strides[kept++]!));
  return { region, start: offset, steps };
}

/** Follows a kernel's nodes into lane arithmetic; what they read from memory become leaves. */
export class KernelTrace {
  readonly graph: LaneGraph;
  readonly leaves: Leaf[] = [];
  private readonly known = new Map<string, number>();
  private readonly values = new Map<Node, Value>();

  constructor(
    private readonly rank: number,
    private readonly context: KernelContext,
  ) {
    this.graph = new LaneGraph(context.relaxed);
  }

  compute(node: ElementwiseNode): Value {
    const operation = operationOf<OperationName>(node.call.name) as ElementwiseOperation<OperationName>;
    const inputs = node.operands.map((operand) => this.read(operand));
    const types = { inputs: node.operands.map((operand) => operand.node.dtype), output: node.dtype };
    const value = operation.lower(this.graph, inputs, node.call.attributes, types);
    this.values.set(node, value);
    return value;
  }

  /** The element of an assembly, from the part that has it. */
  choose(node: AssemblyNode): Value {
    const pieces = node.parts.map(({ space, source, target }): Piece => {
      const from = target.map(({ offset }) => offset);
      const stream = this.streamOf(source);
      const back = from.reduce((sum, offset, axis) => sum + stepOf(stream, axis) * offset, 0);
      return {
        from,
        to: from.map((offset, axis) => offset + space[axis]!),
        stream: { ...stream, start: stream.start - back },
      };
    });
    const value = this.graph.leaf(this.leaves.push(pieces) - 1);
    this.values.set(node, value);
    return value;
  }

  store(node: Node, value: Value): Store {
    return this.converted(node, value, this.streamOf({ node, map: identityMap(node.shape.length) }));
  }

  /** What is written for a value of a node. */
  converted(node: Node, value: Value, stream: Stream): Store {
    const placement = this.context.placements.get(node)!;
    return { stream, value: holdsBooleans(node, placement) ? this.graph.intOfMask(value) : value };
  }

  read(access: Access): Value {
    const { node, map } = access;
    const { graph } = this;
    const own = this.values.get(node);
    if (own) return own;
    if (node.kind === "constant") {
      if (node.dtype === "f32") return graph.float(node.value);
      return graph.int(node.dtype === "bool" ? -node.value : node.value);
    }
    if (node.kind === "iota") {
      const { start, steps } = stridesOf([map[node.axis]!], [1], this.rank);
      const count = this.leaf({ region: "index", start, steps });
      return node.dtype === "f32" ? graph.floatOfSigned(count) : count;
    }
    const value = this.leaf(this.streamOf(access));
    return holdsBooleans(node, this.context.placements.get(node)!) ? graph.maskOfInt(value) : value;
  }

  /** A value that is at hand already. */
  know(node: Node, value: Value): void {
    this.values.set(node, value);
  }

  private streamOf({ node, map }: Access): Stream {
    const { region, offset, strides } = this.context.placements.get(node)!;
    const { start, steps } = stridesOf(map, strides, this.rank);
    return { region, start: offset + 4 * start, steps };
  }

  /** Something read, by the number under which an emitter finds it. */
  leaf(stream: Stream): Value {
    const key = `${keyOf(stream)} ${stream.start}`;
    const found = this.known.get(key) ?? this.leaves.push(stream) - 1;
    this.known.set(key, found);
    return this.graph.leaf(found);
  }
}
