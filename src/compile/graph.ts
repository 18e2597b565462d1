import type { OperationCall } from "../tensor/operation.js";
import { type Program, rootsOf, topologicalOrder } from "../tensor/program.js";
import { type DType, type Shape, sizeOf } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import {
  along,
  type AxisIndex,
  broadcastMap,
  compose,
  flatIndex,
  identityMap,
  type IndexMap,
  isIdentity,
  reshapeGroups,
  sliceMap,
  transposeMap,
} from "./access.js";

/** A node's values, read with an index for each of its axes. */
export interface Access {
  readonly node: Node;
  readonly map: IndexMap;
}

interface Common {
  readonly id: number;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A member's or shared input, in the region that its scope says. */
export interface InputNode extends Common {
  readonly kind: "input";
  readonly name: string;
  readonly scope: "member" | "shared";
}
/** Constants that fill a tensor. */
export interface DataNode extends Common {
  readonly kind: "data";
  readonly data: readonly number[];
}
/** One constant. */
export interface ConstantNode extends Common {
  readonly kind: "constant";
  readonly value: number;
}
export interface IotaNode extends Common {
  readonly kind: "iota";
  readonly axis: number;
}
export interface ElementwiseNode extends Common {
  readonly kind: "elementwise";
  readonly call: OperationCall;
  readonly operands: readonly Access[];
}
/** A fold over some axes of `space`; the others, in order, are those of the result. */
export interface ReductionNode extends Common {
  readonly kind: "reduction";
  readonly fold: "sum" | "maximum";
  readonly space: Shape;
  readonly axes: readonly number[];
  readonly operand: Access;
}
/** Sum over the last axis of a space [..., m, n, k] of left [..., m, k] · right [..., k, n]. */
export interface ContractionNode extends Common {
  readonly kind: "contraction";
  readonly space: Shape;
  readonly left: Access;
  readonly right: Access;
}
/** Put together from copies of other tensors; what no part covers is zero. */
export interface AssemblyNode extends Common {
  readonly kind: "assembly";
  readonly parts: readonly { readonly space: Shape; readonly source: Access; readonly target: IndexMap }[];
  readonly covered: boolean;
}

/** What a program computes, with all operations that only move elements turned into the readers' indices. */
export type Node =
  InputNode | DataNode | ConstantNode | IotaNode | ElementwiseNode | ReductionNode | ContractionNode | AssemblyNode;

type NodeFields<N extends Node = Node> = N extends Node ? Omit<N, "id"> : never;

export interface Graph {
  /** Each after those it reads. */
  readonly nodes: readonly Node[];
  /** Nodes whose values become a state's next value; no node stands for two roots. */
  readonly updates: readonly { readonly input: string; readonly node: Node }[];
  readonly outputs: readonly { readonly name: string; readonly node: Node }[];
}

/** Everything that a node reads. */
export function accessesOf(node: Node): readonly Access[] {
  switch (node.kind) {
    case "elementwise":
      return node.operands;
    case "reduction":
      return [node.operand];
    case "contraction":
      return [node.left, node.right];
    case "assembly":
      return node.parts.map((part) => part.source);
    default:
      return [];
  }
}

/** Turns a program's tensors into a graph; operations that only move elements disappear where indices can say it. */
export function buildGraph(program: Program): Graph {
  return new GraphBuilder(program).build();
}

class GraphBuilder {
  private readonly nodes: Node[] = [];
  private readonly resolved = new Map<Tensor, Access>();
  private readonly inputs = new Map<string, Node>();
  private readonly scopes: ReadonlyMap<string, "member" | "shared">;

  constructor(private readonly program: Program) {
    this.scopes = new Map(program.inputs.map(({ name, scope }) => [name, scope]));
  }

  build(): Graph {
    const { program } = this;
    for (const { tensor } of program.inputs) this.resolved.set(tensor, this.lower(tensor));
    for (const tensor of topologicalOrder(rootsOf(program)))
      if (!this.resolved.has(tensor)) this.resolved.set(tensor, this.lower(tensor));
    const taken = new Set<Node>();
    const updates = program.updates.map(({ input, value }) => ({ input, node: this.root(value, taken) }));
    const outputs = program.outputs.map(({ name, value }) => ({ name, node: this.root(value, taken) }));
    return { nodes: this.nodes, updates, outputs };
  }

  /** The tensor's own node if nothing else claims it, else a copy. */
  private root(tensor: Tensor, taken: Set<Node>): Node {
    const access = this.resolved.get(tensor)!;
    const { node, map } = access;
    const computed = !["input", "data", "constant", "iota"].includes(node.kind);
    const own = computed && !taken.has(node) && isIdentity(map, tensor.shape, node.shape);
    const root = own ? node : this.copy(access, tensor.shape);
    taken.add(root);
    return root;
  }

  private add(fields: NodeFields): Node {
    const node: Node = { id: this.nodes.length, ...fields };
    this.nodes.push(node);
    return node;
  }

  private copy({ node, map }: Access, shape: Shape): Node {
    const call: OperationCall = { name: "identity", attributes: {} };
    return this.add({ kind: "elementwise", shape, dtype: node.dtype, call, operands: [{ node, map }] });
  }

  private lower(tensor: Tensor): Access {
    const { call, shape, inputs } = tensor;
    const operands = inputs.map((input) => this.resolved.get(input)!);
    const [first] = operands;
    const through = (map: IndexMap): Access => ({ node: first!.node, map: compose(first!.map, map) });
    switch (call.name) {
      case "input":
        return { node: this.input(tensor, call.attributes.name), map: identityMap(shape.length) };
      case "identity":
      case "stopGradient":
        return first!;
      case "broadcast":
        return through(broadcastMap(inputs[0]!.shape, shape));
      case "transpose":
        return through(transposeMap(call.attributes.permutation));
      case "slice":
        return through(sliceMap(call.attributes.start));
      case "reshape":
        return this.reshape(first!, inputs[0]!.shape, shape);
      default:
        return { node: this.add(this.describe(tensor, operands)), map: identityMap(shape.length) };
    }
  }

  private describe({ call, shape, dtype, inputs }: Tensor, operands: readonly Access[]): NodeFields {
    const common = { shape, dtype };
    switch (call.name) {
      case "constant": {
        const { data } = call.attributes;
        return sizeOf(shape) === 1
          ? { kind: "constant", ...common, value: data[0]! }
          : { kind: "data", ...common, data };
      }
      case "iota":
        return { kind: "iota", ...common, axis: call.attributes.axis };
      case "sum":
      case "maximum": {
        const { axes } = call.attributes;
        return { kind: "reduction", ...common, fold: call.name, axes, space: inputs[0]!.shape, operand: operands[0]! };
      }
      case "matmul":
        return { kind: "contraction", ...common, ...contractionAccesses(inputs, operands) };
      case "pad": {
        const target = call.attributes.before.map((count, axis) => along(axis, count));
        return {
          kind: "assembly",
          ...common,
          parts: [{ space: inputs[0]!.shape, source: operands[0]!, target }],
          covered: false,
        };
      }
      case "concat":
        return {
          kind: "assembly",
          ...common,
          parts: concatParts(inputs, operands, call.attributes.axis),
          covered: true,
        };
      default:
        return { kind: "elementwise", ...common, call, operands };
    }
  }

  private input({ shape, dtype }: Tensor, name: string): Node {
    const found = this.inputs.get(name);
    if (found) return found;
    const scope = this.scopes.get(name);
    if (!scope) {
      const names = [...this.scopes.keys()].join(", ");
      throw new Error(`The program reads an input "${name}" that is not among its inputs: ${names}.`);
    }
    const node = this.add({ kind: "input", shape, dtype, name, scope });
    this.inputs.set(name, node);
    return node;
  }

  /** An axis that splits is only read differently; axes that merge are copied into one. */
  private reshape(operand: Access, from: Shape, to: Shape): Access {
    const groups = reshapeGroups(from, to);
    if (groups.every((group) => group.from.length === 1)) {
      const map: AxisIndex[] = from.map(() => ({ offset: 0, terms: [] }));
      for (const group of groups) map[group.from[0]!] = flatIndex(group.to, to);
      return { node: operand.node, map: compose(operand.map, map) };
    }
    const merged = this.add({
      kind: "assembly",
      shape: groups.map((group) => sizeOf(group.from.map((axis) => from[axis]!))),
      dtype: operand.node.dtype,
      parts: [{ space: from, source: operand, target: groups.map((group) => flatIndex(group.from, from)) }],
      covered: true,
    });
    return { node: merged, map: groups.map((group) => flatIndex(group.to, to)) };
  }
}

function contractionAccesses([a, b]: readonly Tensor[], [left, right]: readonly Access[]) {
  const batch = a!.rank - 2;
  const [m, n, k] = [batch, batch + 1, batch + 2];
  const leading = identityMap(batch);
  return {
    space: [...a!.shape.slice(0, -1), b!.shape.at(-1)!, a!.shape.at(-1)!],
    left: { node: left!.node, map: compose(left!.map, [...leading, along(m), along(k)]) },
    right: { node: right!.node, map: compose(right!.map, [...leading, along(k), along(n)]) },
  };
}

function concatParts(inputs: readonly Tensor[], operands: readonly Access[], axis: number): AssemblyNode["parts"] {
  let start = 0;
  return inputs.map(({ shape }, i) => {
    const target = shape.map((_, k) => along(k, k === axis ? start : 0));
    start += shape[axis]!;
    return { space: shape, source: operands[i]!, target };
  });
}
