import { LEAKED_PARAMETER, type Requests, requestsOf } from "../tensor/loop.js";
import type { OperationCall } from "../tensor/operation.js";
import { type Program, rootsOf, topologicalOrder } from "../tensor/program.js";
import { loopOf } from "../tensor/scan.js";
import { joinLoops } from "../tensor/scan-join.js";
import { sameShape, type Shape, ShapeError, showShape, sizeOf, type TensorSpec } from "../tensor/shape.js";
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
import { gatherFields, scatterFields } from "./indexing.js";
import { type Access, type AssemblyNode, type Graph, isSource, type Node, type NodeFields } from "./node.js";
import { scanBody } from "./scan-body.js";
import { keyOf, simplify } from "./simplify.js";

/** Turns a program's tensors into a graph; operations that only move elements disappear where indices can say it. */
export function buildGraph(program: Program): Graph {
  return new GraphBuilder(withJoinedLoops(program)).build();
}

function withJoinedLoops({ inputs, updates, outputs }: Program): Program {
  const given = new Set(inputs.map(({ tensor }) => tensor));
  const roots = joinLoops(rootsOf({ inputs, updates, outputs }), { given });
  return {
    inputs,
    updates: updates.map(({ input }, i) => ({ input, value: roots[i]! })),
    outputs: outputs.map(({ name }, i) => ({ name, value: roots[updates.length + i]! })),
  };
}

/** Nodes of what a loop was asked for. */
interface LoopNodes {
  readonly carry: ReadonlyMap<number, Node>;
  readonly stacks: ReadonlyMap<Tensor, Node>;
}

class GraphBuilder {
  private readonly nodes: Node[] = [];
  private readonly resolved = new Map<Tensor, Access>();
  private readonly inputs = new Map<string, Node>();
  private readonly known = new Map<string, Node>();
  private readonly loops = new Map<Tensor, LoopNodes>();
  private readonly scopes: ReadonlyMap<string, "member" | "shared">;

  constructor(private readonly program: Program) {
    this.scopes = new Map(program.inputs.map(({ name, scope }) => [name, scope]));
  }

  build(): Graph {
    const { program } = this;
    for (const { name, tensor } of program.inputs) {
      this.resolved.set(tensor, { node: this.input(tensor, name), map: identityMap(tensor.rank) });
    }
    const tensors = topologicalOrder(rootsOf(program), this.resolved);
    const requests = requestsOf(tensors);
    for (const tensor of tensors) {
      if (this.resolved.has(tensor)) continue;
      if (tensor.call.name === "scan") this.loops.set(tensor, this.loop(tensor, requests.get(tensor)!));
      else this.resolved.set(tensor, this.lower(tensor));
    }
    const taken = new Set<Node>();
    for (const { input, value } of program.updates) this.checkUpdate(input, value);
    const updates = program.updates.map(({ input, value }) => ({ input, node: this.root(value, taken) }));
    const outputs = program.outputs.map(({ name, value }) => ({ name, node: this.root(value, taken) }));
    return { nodes: this.nodes, updates, outputs };
  }

  private checkUpdate(name: string, value: Tensor): void {
    const state = this.inputs.get(name);
    if (!state || this.scopes.get(name) !== "member") {
      throw new Error(`The program updates "${name}", which is not among its members' inputs.`);
    }
    if (state.dtype !== value.dtype || !sameShape(state.shape, value.shape)) {
      const [is, becomes] = [state, value].map(({ dtype, shape }) => `${dtype}${showShape(shape)}`);
      throw new ShapeError(`The program's state "${name}" is ${is}, its next value ${becomes}: they must be alike.`);
    }
  }

  /** The tensor's own node if nothing else claims it, else a copy. */
  private root(tensor: Tensor, taken: Set<Node>): Node {
    const access = this.resolved.get(tensor)!;
    const { node, map } = access;
    const computed = !isSource(node) && node.kind !== "result";
    const isMask = tensor.dtype === "bool" && (node.kind === "gather" || node.kind === "scatter");
    const own = computed && !isMask && !taken.has(node) && isIdentity(map, tensor.shape, node.shape);
    const root = own ? node : this.copy(access, tensor.shape);
    taken.add(root);
    return root;
  }

  private add(fields: NodeFields): Node {
    const node: Node = { ...fields, id: this.nodes.length };
    this.nodes.push(node);
    return node;
  }

  /** The values of a description: an operand's, those of an equal node, or those of a new one. */
  private share(described: NodeFields): Access {
    const simple = simplify(described);
    if ("node" in simple) return simple;
    const key = keyOf(simple);
    const node = this.known.get(key) ?? this.add(simple);
    this.known.set(key, node);
    return { node, map: identityMap(node.shape.length) };
  }

  /** The access itself, or one to a copy of values that no memory holds, or that are no masks there. */
  private inMemory(access: Access, shape: Shape): Access {
    const { kind, dtype } = access.node;
    const held = kind !== "constant" && kind !== "iota" && !(dtype === "bool" && isSource(access.node));
    return held ? access : { node: this.copy(access, shape), map: identityMap(shape.length) };
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
      case "customGradient":
        return first!;
      case "broadcast":
        return through(broadcastMap(inputs[0]!.shape, shape));
      case "transpose":
        return through(transposeMap(call.attributes.permutation));
      case "slice":
        return through(sliceMap(call.attributes.start, call.attributes.step));
      case "final":
      case "stacked": {
        const loop = this.loops.get(inputs[0]!)!;
        const node =
          call.name === "final" ? loop.carry.get(call.attributes.index) : loop.stacks.get(call.attributes.value);
        return { node: node!, map: identityMap(shape.length) };
      }
      case "parameter":
        throw new Error(LEAKED_PARAMETER);
      case "reshape":
        return this.reshape(first!, inputs[0]!.shape, shape);
      default:
        return this.share(this.describe(tensor, operands));
    }
  }

  private loop(scan: Tensor, requests: Requests): LoopNodes {
    const { program, operands, carry, stacks, mayEnd } = scanBody(scan, requests);
    const { length, reverse } = loopOf(scan);
    const node = this.add({
      kind: "scan",
      shape: [],
      dtype: "u32",
      length,
      reverse,
      mayEnd,
      body: buildGraph(program),
      operands: operands.map(({ role, input, tensor }) => ({ role, input, access: this.resolved.get(tensor)! })),
    });
    const result = ({ shape, dtype }: TensorSpec, what: "carry" | "stack", name: string): Node =>
      this.add({ kind: "result", shape, dtype, scan: { node, map: [] }, what, name });
    const specs = new Map(program.inputs.map(({ name, tensor }) => [name, tensor]));
    return {
      carry: new Map(Array.from(carry, ([i, name]) => [i, result(specs.get(name)!, "carry", name)])),
      stacks: new Map(
        Array.from(stacks, ([value, name]) => {
          const { shape, dtype } = value;
          return [value, result({ shape: [length, ...shape], dtype }, "stack", name)];
        }),
      ),
    };
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
        const { before, between } = call.attributes;
        const target = sliceMap(
          before,
          between.map((count) => count + 1),
        );
        return {
          kind: "assembly",
          ...common,
          parts: [{ space: inputs[0]!.shape, source: operands[0]!, target }],
          covered: false,
        };
      }
      case "gather": {
        const [source, ...indices] = operands.map((access, i) => this.inMemory(access, inputs[i]!.shape));
        const fields = gatherFields(call.attributes, [inputs[0]!.shape, shape], [source!, ...indices]);
        return { kind: "gather", ...common, ...fields };
      }
      case "scatter": {
        const [, ...inPlace] = operands.map((access, i) =>
          i === 0 ? access : this.inMemory(access, inputs[i]!.shape),
        );
        const fields = scatterFields(call.attributes, [shape, inputs[1]!.shape], [operands[0]!, ...inPlace]);
        return { kind: "scatter", ...common, mode: call.attributes.mode, ...fields };
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
    const merged = this.share({
      kind: "assembly",
      shape: groups.map((group) => sizeOf(group.from.map((axis) => from[axis]!))),
      dtype: operand.node.dtype,
      parts: [{ space: from, source: operand, target: groups.map((group) => flatIndex(group.from, from)) }],
      covered: true,
    });
    return { node: merged.node, map: groups.map((group) => flatIndex(group.to, to)) };
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
