import { identityMap } from "../access.js";
import type { Kernel, ScanKernel } from "../fuse.js";
import type { LaidOutGraph } from "../layout.js";
import type { Commit, LoopMemory, MemoryPlan } from "../memory-plan.js";
import type { ScanNode } from "../node.js";
import type { ProgramPlan } from "../plan.js";
import type { StagedProgram } from "../staged-program.js";
import { BLOCK, LANES } from "../vectors.js";
import { partitionOf } from "../partition.js";
import type { Stage as WideStage, WasmOptions } from "../wasm-program.js";
import { encodeModule, FunctionBuilder, I32, I32_OP, type Pieces, SIMD } from "./assembler.js";
import { emitAssemblyKernel } from "./assembly-kernel.js";
import type { ConstantTable } from "./constant-table.js";
import { hintsToOptimize } from "./compilation-hints.js";
import { emitContractionKernel } from "./contraction-kernel.js";
import { emitIndexedKernel } from "./indexed-kernel.js";
import {
  holdsBooleans,
  type KernelContext,
  PARAMETER_COUNT,
  PARAMETERS,
  type Placement,
  pushBase,
} from "./kernel-context.js";
import { emitLoopKernel, KernelTrace } from "./loop-kernel.js";
import { emitNest } from "./nest.js";
import { emitTransposeKernel } from "./transpose-kernel.js";

/**
 * Emits a function for each kernel and `run(member, arena, shared, steps)`, which calls them in order. `only` picks
 * kernels by number, to measure parts of a step.
 */
export function emitModule(
  plan: ProgramPlan,
  options: WasmOptions,
  constants: ConstantTable,
  only?: ReadonlySet<number>,
): Uint8Array {
  const emitter = new ModuleEmitter(plan, options, constants);
  const run = emitRun(emitter.emitProgram(plan, plan.memory.commits), only);
  const functions = [...emitter.functions, run];
  return encodeModule(functions, plan.memory.windows, [run], hintsFor(functions, options));
}

/** Emits functions for the parts of each kernel, and says what threads that share a member call. */
export function emitWideModule(
  plan: ProgramPlan,
  options: WasmOptions,
  constants: ConstantTable,
): { module: Uint8Array; stages: readonly WideStage[] } {
  const emitter = new ModuleEmitter(plan, options, constants);
  const stages = emitter.emitWide(plan, plan.memory.commits);
  const called = new Set(stages.flat(2).map(({ name }) => name));
  const exported = emitter.functions.filter(({ name }) => called.has(name));
  const { functions } = emitter;
  return { module: encodeModule(functions, plan.memory.windows, exported, hintsFor(functions, options)), stages };
}

const hintsFor = (functions: readonly FunctionBuilder[], { brief = false }: WasmOptions): Pieces =>
  brief ? [] : hintsToOptimize(functions.length);

/** Numbers of the functions that make up one step, in stages. */
interface StageCalls {
  readonly functions: readonly number[];
  readonly blocks: number;
}

class ModuleEmitter {
  readonly functions: FunctionBuilder[] = [];
  private readonly context: Omit<KernelContext, "stored">;
  private readonly memory: MemoryPlan;
  private readonly pack: number;

  constructor(
    { memory, pack }: ProgramPlan,
    { relaxed = false, revectorize = false, tileRows = revectorize ? 4 : 2, brief = false }: WasmOptions,
    constants: ConstantTable,
  ) {
    this.memory = memory;
    this.pack = pack;
    this.context = {
      placements: memory.placements,
      relaxed,
      paired: revectorize,
      tileRows,
      brief,
      cutLength: BLOCK,
      scratch: memory.scratch,
      constantOffset: (bits) => constants.offset(bits),
    };
  }

  /** Emits the functions of a program, or of a loop's body. */
  emitProgram(staged: StagedProgram, commits: readonly Commit[]): StageCalls[] {
    const { fused, schedule } = staged;
    const context: KernelContext = { ...this.context, stored: fused.stored };
    const calls = schedule.stages.map(({ kernels, blocks }) => ({
      functions: kernels.map((kernel) =>
        this.add(
          kernel.kind === "scan"
            ? this.emitScan(kernel.scan, staged)
            : emitKernel(this.name("kernel"), kernel, cutOf(kernel, fused.graph, blocks), fused.graph, context),
        ),
      ),
      blocks,
    }));
    const copies = commits.map((commit) => this.add(emitCommit(this.name("commit"), commit, fused.graph, context)));
    return [...calls, { functions: copies, blocks: 0 }];
  }

  /** Emits the functions of a program whose stages threads share. */
  emitWide(staged: StagedProgram, commits: readonly Commit[]): WideStage[] {
    const { fused, schedule } = staged;
    const { graph } = fused;
    const context: KernelContext = { ...this.context, stored: fused.stored };
    const stages = schedule.stages.flatMap(({ kernels, blocks }): WideStage[] => {
      if (blocks === 0) return kernels.map((kernel) => this.emitParts(kernel, staged, context));
      const names = kernels.map((kernel) => {
        if (kernel.kind === "scan") return this.export(this.emitScan(kernel.scan, staged));
        return this.export(emitKernel(this.name("kernel"), kernel, cutOf(kernel, graph, blocks), graph, context));
      });
      return [Array.from({ length: blocks }, (_, block) => names.map((name) => ({ name, first: block * BLOCK })))];
    });
    const copies = commits.map((commit): WideStage => {
      const whole = emitCommit(this.name("commit"), commit, graph, context);
      return [[{ name: this.export(whole), first: 0 }]];
    });
    return [...stages, ...copies];
  }

  /** One task for each part of a kernel's work: parts of equal length have a function in common. */
  private emitParts(kernel: Kernel, staged: StagedProgram, context: KernelContext): WideStage {
    if (kernel.kind === "scan") return [[{ name: this.export(this.emitScan(kernel.scan, staged)), first: 0 }]];
    const { graph } = staged.fused;
    const names = new Map<number, string>();
    const { axis, parts } = partitionOf(kernel, graph);
    return parts.map(({ first, length }) => {
      const emit = () => emitKernel(this.name("kernel"), kernel, axis, graph, { ...context, cutLength: length });
      const name = names.get(length) ?? this.export(emit());
      names.set(length, name);
      return [{ name, first }];
    });
  }

  /** Adds a function; returns its name. */
  private export(f: FunctionBuilder): string {
    this.functions.push(f);
    return f.name;
  }

  private emitScan(scan: ScanNode, staged: StagedProgram): FunctionBuilder {
    const loop = this.memory.loops.get(scan)!;
    const calls = this.emitProgram(staged.bodies.get(scan.body)!, loop.commits);
    return emitLoop(this.name("scan"), scan, loop, calls, this.pack);
  }

  private name(what: string): string {
    return `${what}${this.functions.length}`;
  }

  private add(f: FunctionBuilder): number {
    return this.functions.push(f) - 1;
  }
}

/** The axis that a kernel of a stage is cut along into blocks, or −1. */
const cutOf = ({ nodes: [first] }: Kernel, { blockedAxis }: LaidOutGraph, blocks: number): number =>
  blocks > 0 ? blockedAxis.get(first)! : -1;

/** Emits a kernel; of the axis `cut`, if it is not −1, as much as one call handles. */
function emitKernel(
  name: string,
  kernel: Exclude<Kernel, ScanKernel>,
  cut: number,
  { forms, layouts, relayouts }: LaidOutGraph,
  context: KernelContext,
): FunctionBuilder {
  const f = new FunctionBuilder(name, PARAMETER_COUNT);
  if (kernel.kind === "loop") {
    const [node] = kernel.nodes;
    const source = node?.kind === "elementwise" && relayouts.has(node) ? node.operands[0]!.node : undefined;
    if (node && source && layouts.get(source)!.lane >= 0) emitTransposeKernel(f, source, node, cut, context);
    else emitLoopKernel(f, kernel, cut, context);
  } else if (kernel.kind === "contraction") {
    emitContractionKernel(f, kernel, forms.get(kernel.contraction)!, cut, context);
  } else if (kernel.kind === "indexed") emitIndexedKernel(f, kernel, context);
  else emitAssemblyKernel(f, kernel, layouts.get(kernel.nodes[0])!, context);
  return f;
}

/** Copies a state's next value over the present one. */
function emitCommit(
  name: string,
  { node, to }: Commit,
  { layouts }: LaidOutGraph,
  context: KernelContext,
): FunctionBuilder {
  const f = new FunctionBuilder(name, PARAMETER_COUNT);
  const trace = new KernelTrace(node.shape.length, context);
  const value = trace.read({ node, map: identityMap(node.shape.length) });
  const stored = holdsBooleans(node, to) ? trace.graph.intOfMask(value) : value;
  const stores = [{ stream: { region: to.region, start: to.offset, steps: to.strides }, value: stored }];
  const { lane } = layouts.get(node)!;
  const nest = { lengths: node.shape, lane, blockedAxis: -1, foldedAxes: [], leaves: trace.leaves, folds: [] };
  emitNest(f, { ...nest, stores, exact: false }, context);
  return f;
}

/** Emits calls of a step's functions; blocked stages go through all their blocks. */
function emitCalls(f: FunctionBuilder, calls: readonly StageCalls[], only?: ReadonlySet<number>): void {
  const { member, arena, shared } = PARAMETERS;
  const [first, end] = [f.local(I32), f.local(I32)];
  for (const { functions, blocks } of calls) {
    const callAll = () => {
      for (const index of functions)
        if (!only || only.has(index)) f.get(member).get(arena).get(shared).get(first).call(index);
    };
    if (blocks === 0) callAll();
    else {
      f.int(0)
        .set(first)
        .int(blocks * BLOCK)
        .set(end);
      f.loop(first, BLOCK, end, callAll);
    }
  }
}

function emitRun(calls: readonly StageCalls[], only?: ReadonlySet<number>): FunctionBuilder {
  const run = new FunctionBuilder("run", PARAMETER_COUNT);
  const { firstOfBlock: steps } = PARAMETERS;
  const step = run.local(I32);
  run.get(steps).op(I32_OP.equalZero).branchIf(0);
  run.loop(step, 1, steps, () => emitCalls(run, calls, only));
  return run;
}

/** Pushes whether a truth value holds for any member of a pack. */
function pushAny(f: FunctionBuilder, { region, offset }: Placement, pack: number): FunctionBuilder {
  if (pack === 1) return pushBase(f, region).loadInt(offset);
  for (let lane = 0; lane < pack; lane += LANES) {
    pushBase(f, region).load(offset + 4 * lane);
    if (lane > 0) f.simd(SIMD.or);
  }
  return f.simd(SIMD.anyTrue);
}

/** From inside the only loop of a function, the block behind it. */
const OUT_OF_LOOP = 1;

/** Emits all iterations of a loop: each sets the index, runs the body, and moves the windows on. */
function emitLoop(
  name: string,
  { length, reverse }: ScanNode,
  { index, windows, swaps, goesOn }: LoopMemory,
  calls: readonly StageCalls[],
  pack: number,
): FunctionBuilder {
  const f = new FunctionBuilder(name, PARAMETER_COUNT);
  const [turn, end] = [f.local(I32), f.local(I32)];
  for (const { number, stack, bytesOfSlice } of windows) {
    const start = stack.offset + (reverse ? (length - 1) * bytesOfSlice : 0);
    pushBase(f, stack.region).int(start).op(I32_OP.add).setGlobal(number);
  }
  for (const { number, buffer } of swaps.flatMap(({ read, written }) => [read, written]))
    pushBase(f, buffer.region).int(buffer.offset).op(I32_OP.add).setGlobal(number);
  f.int(length).set(end);
  f.loop(turn, 1, end, () => {
    pushBase(f, index.region);
    if (reverse)
      f.int(length - 1)
        .get(turn)
        .op(I32_OP.sub);
    else f.get(turn);
    f.storeInt(index.offset);
    emitCalls(f, calls);
    for (const { number, bytesOfSlice } of windows) {
      const step = reverse ? -bytesOfSlice : bytesOfSlice;
      f.getGlobal(number).int(step).op(I32_OP.add).setGlobal(number);
    }
    for (const { read, written } of swaps)
      f.getGlobal(read.number).getGlobal(written.number).setGlobal(read.number).setGlobal(written.number);
    if (goesOn) pushAny(f, goesOn, pack).op(I32_OP.equalZero).branchIf(OUT_OF_LOOP);
  });
  return f;
}
