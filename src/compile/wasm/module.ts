import { identityMap } from "../access.js";
import type { Kernel } from "../fuse.js";
import type { MemoryPlan } from "../memory.js";
import type { ProgramPlan } from "../plan.js";
import type { Stage } from "../schedule.js";
import { BLOCK } from "../vectors.js";
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
  const { stages } = schedule;
  const functions = stages
    .flatMap(({ kernels, blocks }) => kernels.map((kernel) => ({ kernel, blocked: blocks > 0 })))
    .map(({ kernel, blocked }, i) => emitKernel(`kernel${i}`, kernel, blocked, plan, context));
  functions.push(...memory.commits.map((commit, i) => emitCommit(`commit${i}`, commit, plan, context)));
  return encodeModule([...functions, emitRun(stages, functions.length, only)]);
}

function emitKernel(
  name: string,
  kernel: Kernel,
  blocked: boolean,
  { fused }: ProgramPlan,
  context: KernelContext,
): FunctionBuilder {
  const { forms, layouts, relayouts, blockedAxis } = fused.graph;
  const f = new FunctionBuilder(name, PARAMETER_COUNT);
  const cut = blocked ? blockedAxis.get(kernel.nodes[0])! : -1;
  if (kernel.kind === "loop") {
    const [node] = kernel.nodes;
    const source = node?.kind === "elementwise" && relayouts.has(node) ? node.operands[0]!.node : undefined;
    if (node && source && layouts.get(source)!.lane >= 0) emitTransposeKernel(f, source, node, cut, context);
    else emitLoopKernel(f, kernel, cut, context);
  } else if (kernel.kind === "contraction") {
    emitContractionKernel(f, kernel, forms.get(kernel.contraction)!, cut, context);
  } else emitAssemblyKernel(f, kernel, layouts.get(kernel.nodes[0])!, context);
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

function emitRun(stages: readonly Stage[], functions: number, only?: ReadonlySet<number>): FunctionBuilder {
  const run = new FunctionBuilder("run", PARAMETER_COUNT);
  const { member, arena, shared, firstOfBlock: steps } = PARAMETERS;
  const [step, first, end] = [run.local(I32), run.local(I32), run.local(I32)];
  const call = (kernel: number) => {
    if (!only || only.has(kernel)) run.get(member).get(arena).get(shared).get(first).call(kernel);
  };
  run.get(steps).op(I32_OP.equalZero).branchIf(0);
  run.loop(step, 1, steps, () => {
    let next = 0;
    for (const { kernels, blocks } of stages) {
      const numbers = kernels.map(() => next++);
      if (blocks === 0) numbers.forEach(call);
      else {
        run
          .int(0)
          .set(first)
          .int(blocks * BLOCK)
          .set(end);
        run.loop(first, BLOCK, end, () => {
          numbers.forEach(call);
        });
      }
    }
    for (; next < functions; next++) call(next);
  });
  return run;
}
