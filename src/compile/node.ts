import type { OperationCall } from "../tensor/operation.js";
import type { DType, Shape } from "../tensor/shape.js";
import type { IndexMap } from "./access.js";

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
/** An index tensor's value moves an access: it is clamped to 0 … limit, and counts `scales` along the moved node's axes. */
export interface DynamicIndex {
  readonly access: Access;
  readonly limit: number;
  readonly scales: readonly number[];
}
/** Every element read from where `source` and the indices say. */
export interface GatherNode extends Common {
  readonly kind: "gather";
  readonly source: Access;
  readonly indices: readonly DynamicIndex[];
}
/** A copy of `base` with the elements of a part, whose axes are `space`, put or added where `target` and the indices say. */
export interface ScatterNode extends Common {
  readonly kind: "scatter";
  readonly mode: "add" | "set";
  readonly base: Access;
  readonly space: Shape;
  readonly part: Access;
  readonly target: IndexMap;
  readonly indices: readonly DynamicIndex[];
}
/** A loop with a body of its own; its values are those of the result nodes that read it. */
export interface ScanNode extends Common {
  readonly kind: "scan";
  readonly length: number;
  readonly reverse: boolean;
  /** Whether the body's output {@link GOES_ON_OUTPUT}, where false, says that nothing changes any more. */
  readonly mayEnd: boolean;
  /** One iteration: its state is the carry, its outputs are stacked. */
  readonly body: Graph;
  readonly operands: readonly ScanOperand[];
}
/** What a body's input stands for: the same in all iterations, where the carry starts, or slices along the first axis. */
export interface ScanOperand {
  readonly role: "captured" | "carry" | "slice";
  readonly input: string;
  readonly access: Access;
}
/** Of a loop: the last carry (of the body's input of that name), or an output of the body in all iterations. */
export interface ResultNode extends Common {
  readonly kind: "result";
  readonly scan: Access;
  readonly what: "carry" | "stack";
  readonly name: string;
}

/** What a program computes, with all operations that only move elements turned into the readers' indices. */
export type Node =
  | InputNode
  | DataNode
  | ConstantNode
  | IotaNode
  | ElementwiseNode
  | ReductionNode
  | ContractionNode
  | AssemblyNode
  | GatherNode
  | ScatterNode
  | ScanNode
  | ResultNode;

/** A node's description, before it has a place in a graph. */
export type NodeFields<N extends Node = Node> = N extends Node ? Omit<N, "id"> : never;

export interface Graph {
  /** Each after those it reads. */
  readonly nodes: readonly Node[];
  /** Of a graph that computes several members at once, the axis of a node's space that counts them. */
  readonly packAxes?: ReadonlyMap<Node, number>;
  /** Nodes whose values become a state's next value; no node stands for two roots. */
  readonly updates: readonly { readonly input: string; readonly node: Node }[];
  readonly outputs: readonly { readonly name: string; readonly node: Node }[];
}

/** True for values that no kernel computes. */
export const isSource = ({ kind }: NodeFields): boolean =>
  kind === "input" || kind === "data" || kind === "constant" || kind === "iota";

/** Everything that a node reads. */
export function accessesOf(node: NodeFields): readonly Access[] {
  switch (node.kind) {
    case "elementwise":
      return node.operands;
    case "reduction":
      return [node.operand];
    case "contraction":
      return [node.left, node.right];
    case "assembly":
      return node.parts.map((part) => part.source);
    case "gather":
      return [node.source, ...node.indices.map((index) => index.access)];
    case "scatter":
      return [node.base, node.part, ...node.indices.map((index) => index.access)];
    case "scan":
      return node.operands.map((operand) => operand.access);
    case "result":
      return [node.scan];
    default:
      return [];
  }
}

/** The node with other accesses in place of its own. */
export function withAccesses(node: Node, change: (access: Access) => Access): Node {
  const changeIndex = (index: DynamicIndex): DynamicIndex => ({ ...index, access: change(index.access) });
  switch (node.kind) {
    case "elementwise":
      return { ...node, operands: node.operands.map(change) };
    case "reduction":
      return { ...node, operand: change(node.operand) };
    case "contraction":
      return { ...node, left: change(node.left), right: change(node.right) };
    case "assembly":
      return { ...node, parts: node.parts.map((part) => ({ ...part, source: change(part.source) })) };
    case "gather":
      return { ...node, source: change(node.source), indices: node.indices.map(changeIndex) };
    case "scatter":
      return { ...node, base: change(node.base), part: change(node.part), indices: node.indices.map(changeIndex) };
    case "scan":
      return { ...node, operands: node.operands.map((operand) => ({ ...operand, access: change(operand.access) })) };
    case "result":
      return { ...node, scan: change(node.scan) };
    default:
      return node;
  }
}

/** The shape that a node's loop runs over: more than its own shape when it sums. */
export const spaceOf = (node: Node): Shape =>
  node.kind === "reduction" || node.kind === "contraction" ? node.space : node.shape;

/** For each axis of a node, the axis of its space. */
export function keptAxes(node: Node): number[] {
  const axes = spaceOf(node).map((_, axis) => axis);
  if (node.kind === "reduction") return axes.filter((axis) => !node.axes.includes(axis));
  return node.kind === "contraction" ? axes.slice(0, -1) : axes;
}
