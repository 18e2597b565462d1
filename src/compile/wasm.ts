import type { Program } from "../tensor/program.js";
import type { MemoryPlan } from "./memory.js";
import type { InputNode, Node } from "./node.js";
import { type ProgramPlan, planProgram } from "./plan.js";
import { ConstantTable } from "./wasm/constant-table.js";
import { emitModule } from "./wasm/module.js";
import type { StagedProgram } from "./staged-program.js";
import type { Slot, WasmOptions, WasmProgram } from "./wasm-program.js";

/** Compiles one step of a program to a WebAssembly module with 128-bit vectors, and lays out its memory. */
export function compileWasm(program: Program, options: WasmOptions = {}): WasmProgram {
  const plan = planProgram(program, options);
  const { memberBytes, stateBytes, arenaBytes, sharedBytes } = plan.memory;
  const table = new ConstantTable(sharedBytes);
  const module = emitModule(plan, options, table);
  return {
    module,
    pack: plan.pack,
    memberBytes,
    stateBytes,
    arenaBytes,
    sharedBytes: sharedBytes + table.bytes,
    constants: [...dataOf(plan, plan.memory), { offset: table.start, data: table.data() }],
    ...slotsOf(plan),
    flopsPerStep: plan.flopsPerStep,
  };
}

/** Constant tensors as they lie in the shared region. */
function dataOf({ fused, bodies }: StagedProgram, memory: MemoryPlan): WasmProgram["constants"] {
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

function slotsOf({ fused, memory, pack }: ProgramPlan): Pick<WasmProgram, "inputs" | "outputs"> {
  const slot = (node: Node): Slot => {
    const { region, offset, strides } = memory.placements.get(node)!;
    const { shape, dtype } = node;
    if (region === "shared") return { region, offset, shape, dtype, strides };
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
