import { identityMap } from "../access.js";
import type { Kernel } from "../fuse.js";
import type { MemoryPlan } from "../memory.js";
import type { ProgramPlan } from "../plan.js";
import type { WasmOptions } from "../wasm-program.js";
import { encodeModule, FunctionBuilder, I32, I32_OP } from "./assembler.js";
import { emitAssemblyKernel } from "./assembly-kernel.js";
import type { ConstantTable } from "./constant-table.js";
import { emitContractionKernel } from "./contraction-kernel.js";
import { type KernelContext, PARAMETER_COUNT, PARAMETERS } from "./kernel-context.js";
import { emitLoopKernel, KernelTrace } from "./loop-kernel.js";
import { emitNest } from "./nest.js";
import { emitTransposeKernel } from "./transpose-kernel.js";

/**
 * Emits a function for each kernel and `run(member, arena, shared, steps)`, which calls them in order. `only` picks
 * kernels by number, to measure parts of a step.
 */
export function emitModule(
  plan: ProgramPlan,
  { relaxed = false, revectorize = false }: WasmOptions,
  constants: ConstantTable,
  only?: ReadonlySet<number>,
): Uint8Array {
  const { fused, schedule, memory } = plan;
  const context: KernelContext = {
    placements: memory.placements,
    stored: fused.stored,
    relaxed,
    paired: revectorize,
    constantOffset: (bits) => constants.offset(bits),
  };
  const functions = schedule.kernels.map((kernel, i) => emitKernel(`kernel${i}`, kernel, plan, context));
  functions.push(...memory.commits.map((commit, i) => emitCommit(`commit${i}`, commit, plan, context)));
  const calls = functions.map((_, i) => i).filter((i) => !only || only.has(i));
  return encodeModule([...functions, emitRun(calls)]);
}

function emitKernel(name: string, kernel: Kernel, { fused }: ProgramPlan, context: KernelContext): FunctionBuilder {
  const { forms, layouts, relayouts } = fused.graph;
  const f = new FunctionBuilder(name, PARAMETER_COUNT);
  if (kernel.kind === "loop") {
    const [node] = kernel.nodes;
    const source = node?.kind === "elementwise" && relayouts.has(node) ? node.operands[0]!.node : undefined;
    if (node && source && layouts.get(source)!.lane >= 0) emitTransposeKernel(f, source, node, -1, context);
    else emitLoopKernel(f, kernel, -1, context);
  } else if (kernel.kind === "contraction")
    emitContractionKernel(f, kernel, forms.get(kernel.contraction)!, -1, context);
  else emitAssemblyKernel(f, kernel, layouts.get(kernel.nodes[0])!, context);
  return f;
}

/** Copies a state's next value over the present one. */
function emitCommit(
  name: string,
  { node, to }: MemoryPlan["commits"][number],
  { fused }: ProgramPlan,
  context: KernelContext,
): FunctionBuilder {
  const f = new FunctionBuilder(name, PARAMETER_COUNT);
  const trace = new KernelTrace(node.shape.length, context);
  const value = trace.read({ node, map: identityMap(node.shape.length) });
  const stored = node.dtype === "bool" ? trace.graph.intOfMask(value) : value;
  const stores = [{ stream: { region: to.region, start: to.offset, steps: to.strides }, value: stored }];
  const { lane } = fused.graph.layouts.get(node)!;
  const nest = { lengths: node.shape, lane, blockedAxis: -1, foldedAxes: [], leaves: trace.leaves, folds: [] };
  emitNest(f, { ...nest, stores, exact: false }, context);
  return f;
}

function emitRun(calls: readonly number[]): FunctionBuilder {
  const run = new FunctionBuilder("run", PARAMETER_COUNT);
  const steps = PARAMETERS.block;
  const step = run.local(I32);
  run.get(steps).op(I32_OP.equalZero).branchIf(0);
  run.loop(step, 1, steps, () => {
    for (const kernel of calls) {
      run.get(PARAMETERS.member).get(PARAMETERS.arena).get(PARAMETERS.shared).int(0).call(kernel);
    }
  });
  return run;
}
