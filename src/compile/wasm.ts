import type { Program } from "../tensor/program.js";
import { sizeOf } from "../tensor/shape.js";
import { identityMap } from "./access.js";
import { fuse, type FusedProgram, type Kernel } from "./fuse.js";
import { buildGraph, type InputNode, type Node } from "./graph.js";
import { layOut } from "./layout.js";
import { type MemoryPlan, planMemory } from "./memory.js";
import { schedule } from "./schedule.js";
import { encodeModule, FunctionBuilder, I32, I32_OP } from "./wasm/assembler.js";
import { emitAssemblyKernel } from "./wasm/assembly-kernel.js";
import { emitContractionKernel } from "./wasm/contraction-kernel.js";
import { type KernelContext, PARAMETER_COUNT, PARAMETERS } from "./wasm/kernel-context.js";
import { emitLoopKernel, KernelTrace } from "./wasm/loop-kernel.js";
import { emitNest } from "./wasm/nest.js";
import type { Slot, WasmOptions, WasmProgram } from "./wasm-program.js";

/** Compiles one step of a program to a WebAssembly module with 128-bit vectors, and lays out its memory. */
export function compileWasm(program: Program, options: WasmOptions = {}): WasmProgram {
  const fused = fuse(layOut(buildGraph(program)));
  const { kernels, inPlace } = schedule(fused);
  const memory = planMemory(fused, { kernels, inPlace });
  const constants = new ConstantTable(memory.sharedBytes);
  const context: KernelContext = {
    placements: memory.placements,
    stored: fused.stored,
    relaxed: options.relaxed ?? false,
    constantOffset: (bits) => constants.offset(bits),
  };
  const functions = kernels.map((kernel, i) => emitKernel(`kernel${i}`, kernel, fused, context));
  functions.push(...memory.commits.map((commit, i) => emitCommit(`commit${i}`, commit, fused, context)));
  const module = encodeModule([...functions, emitRun(functions.length)]);
  return {
    module,
    memberBytes: memory.memberBytes,
    stateBytes: memory.stateBytes,
    arenaBytes: memory.arenaBytes,
    sharedBytes: memory.sharedBytes + constants.bytes,
    constants: [...dataOf(fused, memory), { offset: memory.sharedBytes, data: constants.data() }],
    ...slotsOf(fused, memory),
    flopsPerStep: flopsOf(kernels),
  };
}

function emitKernel(name: string, kernel: Kernel, { graph }: FusedProgram, context: KernelContext): FunctionBuilder {
  const f = new FunctionBuilder(name, PARAMETER_COUNT);
  if (kernel.kind === "loop") emitLoopKernel(f, kernel, -1, context);
  else if (kernel.kind === "contraction")
    emitContractionKernel(f, kernel, graph.forms.get(kernel.nodes[0])!, -1, context);
  else emitAssemblyKernel(f, kernel, graph.layouts.get(kernel.nodes[0])!, context);
  return f;
}

/** Copies a state's next value over the present one. */
function emitCommit(
  name: string,
  { node, to }: MemoryPlan["commits"][number],
  { graph }: FusedProgram,
  context: KernelContext,
) {
  const f = new FunctionBuilder(name, PARAMETER_COUNT);
  const trace = new KernelTrace(node.shape.length, context);
  const value = trace.read({ node, map: identityMap(node.shape.length) });
  const stored = node.dtype === "bool" ? trace.graph.intOfMask(value) : value;
  const stores = [{ stream: { region: to.region, start: to.offset, steps: to.strides }, value: stored }];
  const { lane } = graph.layouts.get(node)!;
  const nest = { lengths: node.shape, lane, blockedAxis: -1, foldedAxes: [], leaves: trace.leaves, folds: [] };
  emitNest(f, { ...nest, stores, exact: false }, context);
  return f;
}

/** run(member, arena, shared, steps): all kernels in order, as often as asked. */
function emitRun(kernels: number): FunctionBuilder {
  const run = new FunctionBuilder("run", PARAMETER_COUNT);
  const steps = PARAMETERS.block;
  const step = run.local(I32);
  run.get(steps).op(I32_OP.equalZero).branchIf(0);
  run.loop(step, 1, steps, () => {
    for (let kernel = 0; kernel < kernels; kernel++) {
      run.get(PARAMETERS.member).get(PARAMETERS.arena).get(PARAMETERS.shared).int(0).call(kernel);
    }
  });
  return run;
}

function flopsOf(kernels: readonly Kernel[]): number {
  return kernels.reduce(
    (sum, kernel) => sum + (kernel.kind === "contraction" ? 2 * sizeOf(kernel.nodes[0].space) : 0),
    0,
  );
}

function dataOf({ graph }: FusedProgram, { placements }: MemoryPlan): WasmProgram["constants"] {
  return graph.nodes.flatMap((node) => {
    if (node.kind !== "data") return [];
    const { offset, strides } = placements.get(node)!;
    const words = new Int32Array(graph.layouts.get(node)!.size);
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
}

function slotsOf({ graph }: FusedProgram, { placements }: MemoryPlan): Pick<WasmProgram, "inputs" | "outputs"> {
  const slot = (node: Node): Slot => {
    const { region, offset, strides } = placements.get(node)!;
    return { region: region === "shared" ? "shared" : "member", offset, shape: node.shape, dtype: node.dtype, strides };
  };
  const inputs = graph.nodes.filter((node): node is InputNode => node.kind === "input");
  return {
    inputs: new Map(inputs.map((node) => [node.name, slot(node)])),
    outputs: new Map(graph.outputs.map(({ name, node }) => [name, slot(node)])),
  };
}

/** 32-bit constants that kernels broadcast from memory, each once. */
class ConstantTable {
  private readonly indices = new Map<number, number>();

  constructor(private readonly start: number) {}

  get bytes(): number {
    return 4 * this.indices.size + 16;
  }
  offset(bits: number): number {
    const index = this.indices.get(bits) ?? this.indices.size;
    this.indices.set(bits, index);
    return this.start + 4 * index;
  }
  data(): Uint8Array {
    return new Uint8Array(Int32Array.from(this.indices.keys()).buffer);
  }
}
