import type { DType, Shape } from "../tensor/shape.js";
import { isHalf } from "./buffer-layout.js";
import type { MemoryPlan } from "./memory-plan.js";
import type { InputNode, Node } from "./node.js";
import type { ProgramPlan } from "./plan.js";
import type { StagedProgram } from "./staged-program.js";

/**
 * Where a program's input or output lies: element `index` is at `offset + 4 · Σ index·strides` of its region, or half as far
 * from `offset`.
 */
export interface Slot {
  readonly region: "member" | "shared";
  /** In bytes from the region's base. */
  readonly offset: number;
  readonly shape: Shape;
  readonly dtype: DType;
  /** In elements of four bytes (bool, too), one for each axis. */
  readonly strides: readonly number[];
  /** Elements are float16, of two bytes. */
  readonly half?: true;
}

/** What the host writes and reads. */
export interface Slots {
  readonly inputs: ReadonlyMap<string, Slot>;
  readonly outputs: ReadonlyMap<string, Slot>;
}

/** What an engine writes into the shared region once. */
export interface ConstantData {
  readonly offset: number;
  readonly data: Uint8Array;
}

/** Constant tensors as they lie in the shared region. */
export function dataOf({ fused, bodies }: StagedProgram, memory: MemoryPlan): readonly ConstantData[] {
  const own = fused.graph.nodes.flatMap((node) => {
    if (node.kind !== "data") return [];
    const { offset, strides } = memory.placements.get(node)!;
    const words = new Int32Array(fused.graph.layouts.get(node)!.size);
    const floats = new Float32Array(words.buffer);
    const index = node.shape.map(() => 0);
    for (const value of node.data) {
      const to = index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0);
      if (node.dtype === "f32") floats[to] = value;
      else words[to] = value;
      for (let axis = index.length - 1; axis >= 0 && ++index[axis]! === node.shape[axis]; axis--) index[axis] = 0;
    }
    return [{ offset, data: new Uint8Array(words.buffer) }];
  });
  return [...own, ...Array.from(bodies.values(), (body) => dataOf(body, memory)).flat()];
}

/** Where inputs and outputs lie, for the host. */
export function slotsOf({ fused, memory, pack }: ProgramPlan): Slots {
  const slot = (node: Node): Slot => {
    const { region, offset, strides, group } = memory.placements.get(node)!;
    const { shape, dtype } = node;
    if (region === "shared") return { region, offset, shape, dtype, strides, ...(isHalf(group) && { half: true }) };
    const own = pack > 1 ? 1 : 0;
    return { region: "member", offset, shape: shape.slice(own), dtype, strides: strides.slice(own) };
  };
  const { nodes, outputs } = fused.graph;
  const inputs = nodes.filter((node): node is InputNode => node.kind === "input");
  return {
    inputs: new Map(inputs.map((node) => [node.name, slot(node)])),
    outputs: new Map(outputs.map(({ name, node }) => [name, slot(node)])),
  };
}
