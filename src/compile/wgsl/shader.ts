import { sizeOf } from "../../tensor/shape.js";
import { identityMap } from "../access.js";
import { nameOf } from "../description.js";
import type { Kernel, LoopKernel, ScanKernel } from "../fuse.js";
import { isHalf } from "../buffer-layout.js";
import type { Commit, MemoryPlan, Resident } from "../memory-plan.js";
import type { Node } from "../node.js";
import type { ProgramPlan } from "../plan.js";
import { mainNode, type Stage, sumsBlocks } from "../schedule.js";
import type { StagedProgram } from "../staged-program.js";
import type { Placement } from "../wasm/kernel-context.js";
import { BINDINGS, type ShaderLines, type WgslOptions, type WgslProgram } from "../wgsl-program.js";
import { copyTo, emitAssemblyKernel } from "./assembly-kernel.js";
import { Calls } from "./calls.js";
import { Code } from "./code.js";
import { contractionSums, emitContractionKernel } from "./contraction-kernel.js";
import { extentOf, footprintOf } from "./footprint.js";
import { HALF_FUNCTIONS } from "./halves.js";
import { addressSpaceOf, BARRIERS, type Extent, Hazards } from "./hazards.js";
import { emitIndexedKernel } from "./indexed-kernel.js";
import { type BlockSums, type Cut, type KernelContext, type KeptPart, SCRATCH, THREAD } from "./kernel-shader.js";
import { keptParts, variableOf } from "./kept-carry.js";
import { emitLoopKernel, loopSums } from "./loop-kernel.js";
import { bytesNear, placeNear } from "./near.js";
import { ARENA_BASE, FIRST_OF_BLOCK, ShaderMemory, windowVariable } from "./shader-memory.js";
import { threadsFor } from "./threads.js";
import { copyRange, emitTurns } from "./turns.js";

export type Shader = Pick<
  WgslProgram,
  "code" | "lines" | "threads" | "workgroupBytes" | "setAsideBytes" | "arenaBytes" | "work"
>;

/** Partial results of each thread that workgroup memory has room for. */
const SCRATCH_WORDS_PER_THREAD = 4;
/** Workgroup memory for the word that ends a loop. */
const FLAG_BYTES = 16;

/**
 * Emits the shader of a planned program: a function for each kernel, and `main`, which calls them step by step. None where
 * workgroup memory has no room for what lives within a block.
 */
export function emitShader(plan: ProgramPlan, options: WgslOptions): Shader | undefined {
  const emitter = new ShaderEmitter(plan, options);
  return emitter.fits ? emitter.emit() : undefined;
}

/** A kernel's function. */
interface Emitted {
  readonly call: string;
  readonly barriers: number;
  /** Words of partial results. */
  readonly scratchWords: number;
}

class ShaderEmitter {
  readonly code = new Code();
  private readonly lines: ShaderLines[] = [];
  readonly threads: number;
  private readonly subgroupSize: number;
  private readonly scratchWords: number;
  /** What kernels take of it. */
  private takenScratch = 1;
  private readonly capacity: number;
  private readonly placed: MemoryPlan;
  private readonly usesArena: boolean;
  readonly memory: ShaderMemory;
  /** Variables of threads; WGSL lets them be declared after their use. */
  private readonly variables: string[] = [];
  /** Parts of the carry of the loop that is emitted which its threads keep in registers. */
  private kept: readonly KeptPart[] = [];
  /** Sums that a thread keeps from block to block, and most of a matrix product. */
  private sums = 0;
  private mostOfTile = 0;
  private functions = 0;
  private loops = 0;

  constructor(
    private readonly plan: ProgramPlan,
    options: WgslOptions,
  ) {
    this.threads = threadsFor(plan, options.threads);
    this.subgroupSize = options.subgroupSize ?? 1;
    this.scratchWords = SCRATCH_WORDS_PER_THREAD * this.threads;
    this.capacity = options.workgroupBytes - 4 * this.scratchWords - FLAG_BYTES;
    this.placed = placeNear(plan, this.capacity);
    this.usesArena = [...this.placed.placements.values()].some(({ region }) => region === "arena");
    this.memory = new ShaderMemory(this.placed);
  }

  /** What may not lie elsewhere lies in workgroup memory. */
  get fits(): boolean {
    return bytesNear(this.placed) <= Math.max(0, this.capacity);
  }

  emit(): Shader {
    const { plan, placed, threads, code } = this;
    code.add(...this.header());
    const step = this.emitProgram(plan, placed.commits);
    const { members, data, arena, near, quads, scratch } = code.wordCounts;
    const { workgroupCycles } = code;
    this.emitMain(step);
    code.add(...this.variables, `var<workgroup> ${SCRATCH}: array<u32, ${this.takenScratch}>;`);
    const hasHalves = [...placed.placements.values()].some(({ group }) => isHalf(group));
    if (hasHalves) code.add(...HALF_FUNCTIONS);
    return {
      code: code.toString(),
      lines: this.lines,
      threads,
      workgroupBytes: 4 * this.takenScratch + FLAG_BYTES + bytesNear(placed),
      setAsideBytes: 4 * this.scratchWords + FLAG_BYTES + bytesNear(placed),
      arenaBytes: this.usesArena ? placed.arenaBytes : 0,
      work: {
        barriers: step.barriers,
        storageBytes: 4 * (members + data + arena),
        workgroupBytes: 4 * (near + quads + scratch),
        workgroupCycles,
        sums: Math.max(this.sums, this.mostOfTile),
      },
    };
  }

  private header(): string[] {
    const { nearBytes, quadBytes, windows, loops } = this.placed;
    const arena = `${binding(BINDINGS.arena)} var<storage, read_write> arena: array<u32>;`;
    return [
      ...(this.subgroupSize > 1 ? ["enable subgroups;"] : []),
      "struct Steps { count: u32, zero: u32 }",
      `${binding(BINDINGS.steps)} var<uniform> steps: Steps;`,
      `${binding(BINDINGS.members)} var<storage, read_write> members: array<u32>;`,
      `${binding(BINDINGS.data)} var<storage, read> data: array<u32>;`,
      `${binding(BINDINGS.queue)} var<storage, read> queue: array<u32>;`,
      ...(this.usesArena ? [arena, `var<private> ${ARENA_BASE}: u32;`] : []),
      ...(nearBytes > 0 ? [`var<workgroup> near: array<u32, ${nearBytes / 4}>;`] : []),
      ...(quadBytes > 0 ? [`var<workgroup> quads: array<vec4f, ${quadBytes / 16}>;`] : []),
      "var<workgroup> goes_on: u32;",
      `var<private> ${THREAD}: u32;`,
      `var<private> ${FIRST_OF_BLOCK}: u32;`,
      "var<private> member: u32;",
      ...Array.from({ length: windows }, (_, i) => `var<private> ${windowVariable(i)}: u32;`),
      ...Array.from({ length: loops.size }, (_, i) => `var<private> ${turnVariable(i)}: u32;`),
    ];
  }

  private emitMain(step: Calls): void {
    const { code, placed, threads } = this;
    const { memberBytes, arenaBytes, residents } = placed;
    const builtins = "@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32";
    code.block(`@compute @workgroup_size(${threads}) fn main(${builtins})`, () => {
      code.add(`${THREAD} = index;`, `member = queue[group.x] * ${memberBytes / 4}u;`);
      if (this.usesArena) code.add(`${ARENA_BASE} = group.x * ${arenaBytes / 4}u;`);
      for (const resident of residents) this.copyWords(resident, "in");
      if (residents.length > 0) code.add(BARRIERS.workgroup);
      code.block("for (var step = 0u; step < steps.count; step++)", () => code.add(...step.lines));
      for (const resident of residents) if (resident.changes) this.copyWords(resident, "out");
    });
  }

  /** Copies an input to where its threads have it near, or back. */
  private copyWords({ home, copy, bytes }: Resident, direction: "in" | "out"): void {
    const near = `near[${this.memory.firstWord(copy)} + n]`;
    const far = `${this.memory.base(home).array}[${this.memory.firstWord(home)} + n]`;
    const [to, from] = direction === "in" ? [near, far] : [far, near];
    copyRange(to, from, bytes, this);
  }

  /** Emits the functions of a program, or of a loop's body; returns how they are called. */
  private emitProgram(staged: StagedProgram, commits: readonly Commit[]): Calls {
    const calls = new Calls(new Hazards());
    for (const stage of staged.schedule.stages) {
      if (stage.blocks > 0) this.emitBlocks(stage, staged, calls);
      else for (const kernel of stage.kernels) this.emitKernel(kernel, staged, calls);
    }
    for (const commit of commits) this.emitCommit(commit, staged, calls);
    return calls.end();
  }

  private emitKernel(kernel: Kernel, staged: StagedProgram, calls: Calls, cut?: Cut): void {
    if (kernel.kind === "scan") {
      this.emitScan(kernel, staged, calls);
      return;
    }
    const { graph } = staged.fused;
    this.emitCall(kernel, staged, calls, (common) => {
      const context = { ...common, cut, kept: this.kept };
      if (kernel.kind === "loop") emitLoopKernel(kernel, context);
      else if (kernel.kind === "contraction")
        emitContractionKernel(kernel, graph.lanes.get(kernel.contraction)!, context);
      else if (kernel.kind === "indexed") emitIndexedKernel(kernel, context);
      else emitAssemblyKernel(kernel, graph.layouts.get(kernel.nodes[0])!, context);
    });
  }

  /** Emits a function for a kernel, or a part of it, and its call after the barriers that it needs. */
  private emitCall(
    { nodes }: Kernel,
    { fused: { graph, stored } }: StagedProgram,
    calls: Calls,
    body: (context: KernelContext) => void,
  ): void {
    const { call, barriers, scratchWords } = this.emitFunction(nodes, stored, body);
    const registers = this.kept.flatMap(({ present, next, inMemory }) => (inMemory ? [] : [present, next]));
    const { reads, writes } = footprintOf(nodes, graph, stored, this.memory, new Set(registers));
    const scratch: Extent = { array: "scratch", start: 0, end: scratchWords };
    calls.add(call, barriers, { reads, writes: scratchWords > 0 ? [...writes, scratch] : writes });
  }

  /**
   * Emits a stage that works off a batch block by block. What sums over the batch is kept in registers from block to
   * block; it is finished after the last one.
   */
  private emitBlocks({ kernels, blocks }: Stage, staged: StagedProgram, calls: Calls): void {
    const { code, memory } = this;
    const { graph } = staged.fused;
    const { block } = graph.target;
    const inner = new Calls(new Hazards());
    const starts: string[] = [];
    const ends: (() => void)[] = [];
    code.repeated(blocks, () => {
      for (const kernel of kernels) {
        const cut = { axis: graph.blockedAxis.get(mainNode(kernel))!, length: block };
        memory.whileCut(cut.axis, () => {
          if (sumsBlocks(kernel, graph)) this.emitSums(kernel, staged, { inner, outer: calls, starts, ends }, cut);
          else this.emitKernel(kernel, staged, inner, cut);
        });
      }
    });
    const name = `blocks${this.functions++}`;
    code.block(`fn ${name}()`, () => {
      code.add(...starts);
      code.block(`for (var i = 0u; i < ${blocks}u; i++)`, () =>
        code.add(`${FIRST_OF_BLOCK} = i * ${block}u;`, ...inner.end().lines),
      );
    });
    calls.addLoop(`${name}();`, blocks * inner.barriers);
    for (const end of ends) end();
  }

  /** Emits the part of a kernel that adds a block's terms; the rest is to be emitted after the blocks. */
  private emitSums(kernel: Kernel, staged: StagedProgram, { inner, outer, starts, ends }: BlockCalls, cut: Cut): void {
    const { graph } = staged.fused;
    const sums = `sums${this.functions}`;
    const sumsOf = (common: KernelContext): BlockSums => {
      const context = { ...common, cut };
      if (kernel.kind === "contraction") return contractionSums(kernel, graph.lanes.get(kernel.contraction)!, context);
      return loopSums(kernel as LoopKernel, context);
    };
    this.emitCall(kernel, staged, inner, (context) => {
      const blockSums = sumsOf(context);
      const type = `array<f32, ${blockSums.perThread}>`;
      this.sums += blockSums.perThread;
      this.variables.push(`var<private> ${sums}: ${type};`);
      starts.push(`${sums} = ${type}();`);
      blockSums.emitBlock(sums);
    });
    ends.push(() => this.emitCall(kernel, staged, outer, (context) => sumsOf(context).emitEnd(sums)));
  }

  /** Copies a state's next value over the present one. */
  private emitCommit({ node, to }: Commit, { fused: { graph, stored } }: StagedProgram, calls: Calls): void {
    const map = identityMap(node.shape.length);
    const { call, barriers } = this.emitFunction([node], stored, (context) =>
      copyTo(to, { space: node.shape, source: { node, map }, target: map }, context),
    );
    const { size } = graph.layouts.get(node)!;
    const byFirst = sizeOf(node.shape) === 1;
    const extent = (placement: Placement): Extent => ({ ...extentOf(placement, size, this.memory), byFirst });
    calls.add(call, barriers, { reads: [extent(this.memory.placement(node))], writes: [extent(to)] });
  }

  private emitFunction(
    nodes: readonly Node[],
    stored: ReadonlySet<Node>,
    body: (context: KernelContext) => void,
  ): Emitted {
    const { code, memory, threads, subgroupSize, scratchWords } = this;
    const name = `kernel${this.functions++}`;
    let barriers = 0;
    const barrier = (array: Extent["array"]): void => {
      barriers++;
      code.add(BARRIERS[addressSpaceOf(array)]);
    };
    let taken = 0;
    const takeScratch = (words: number): void => {
      taken = Math.max(taken, words);
      this.takenScratch = Math.max(this.takenScratch, words);
    };
    const takeSums = (count: number): void => {
      this.mostOfTile = Math.max(this.mostOfTile, count);
    };
    const operations = nodes.map(nameOf).join(", ");
    const machine = { threads, subgroupSize, scratchWords };
    const context: KernelContext = { code, memory, stored, ...machine, takeScratch, takeSums, barrier };
    const first = code.length;
    code.add(`// ${operations}`);
    code.block(`fn ${name}()`, () => body(context));
    this.lines.push({ first: first + 1, last: code.length, operations });
    return { call: `${name}();`, barriers, scratchWords: taken };
  }

  private emitScan({ scan, nodes }: ScanKernel, staged: StagedProgram, calls: Calls): void {
    const loop = this.placed.loops.get(scan)!;
    const turn = turnVariable(this.loops++);
    const inner = staged.bodies.get(scan.body)!;
    const around = this.kept;
    const kept = (this.kept = keptParts(inner, this.threads, `kept${this.functions}`));
    const body = this.memory.whileCounting(loop.index, turn, () =>
      this.code.repeated(scan.length, () => this.emitProgram(inner, loop.commits)),
    );
    this.kept = around;
    const name = `loop${this.functions++}`;
    this.variables.push(...kept.map((part) => variableOf(part, this.threads)));
    let barriers = 0;
    this.code.block(`fn ${name}()`, () => {
      barriers = emitTurns(scan, { loop, turn, body, kept }, this);
    });
    const writesAfter = [
      ...kept.flatMap(({ present, inMemory }) => (inMemory ? [] : [this.extentOf(present, inner)])),
      ...nodes.flatMap((node) =>
        node.kind === "result" && node.what === "stack" ? [this.extentOf(node, staged)] : [],
      ),
    ];
    calls.addLoop(`${name}();`, barriers, writesAfter);
  }

  private extentOf(node: Node, { fused }: StagedProgram): Extent {
    return extentOf(this.memory.placement(node), fused.graph.layouts.get(node)!.size, this.memory);
  }
}

const binding = (number: number): string => `@group(0) @binding(${number})`;

/** Where the parts of a kernel are called that sums over a batch: within the blocks, and after them. */
interface BlockCalls {
  readonly inner: Calls;
  readonly outer: Calls;
  /** Statements before the first block. */
  readonly starts: string[];
  /** Emit what is to be done after the last block. */
  readonly ends: (() => void)[];
}

const turnVariable = (loop: number): string => `turn${loop}`;
