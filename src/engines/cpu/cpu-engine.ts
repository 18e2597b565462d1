import { availableParallelism, freemem } from "node:os";
import type { WasmProgram } from "../../compile/wasm-program.js";
import { notebookHost } from "../../notebook-host.js";
import type { Program } from "../../tensor/program.js";
import type { Engine, LoadedProgram, LoadOptions, RunReport } from "../engine.js";
import { MemberMemory } from "../member-memory.js";
import type { SlotArray } from "../slot-access.js";
import { checkMembers, checkRun } from "../checks.js";
import { ProgramCache } from "../program-cache.js";
import { compileModule } from "./compile-module.js";
import { MAX_WORKERS, type MemoryPlan, planMemory } from "./memory-plan.js";
import { chooseMode, type Mode } from "./mode.js";
import { WorkerPool } from "./pool.js";
import { SpareMemories } from "./spare-memories.js";
import { enableWasmFeatures, type WasmFeatures } from "./wasm-features.js";
import { weigh } from "./weight.js";
import { isSoonDone } from "./work.js";

export interface CpuEngineOptions {
  /** Worker threads; default: one for each processor. */
  readonly threads?: number;
  /** No fused multiply-add: the same bits on any machine. */
  readonly deterministic?: boolean;
  /** Share of the available memory that one program may take. */
  readonly memoryShare?: number;
  /** Whether a thread computes all of a member, or all threads share its work; default: chosen for each program. */
  readonly mode?: Mode | "auto";
}

/** How much is kept of the memory of programs that ended: little beside what a container leaves to a kernel. */
const MOST_SPARE_BYTES = 2 ** 27;

/** Members on worker threads over shared memory, each advanced by generated WebAssembly SIMD. */
export class CpuEngine implements Engine {
  readonly name = "cpu";
  readonly precision = "float32";
  readonly description: string;
  private readonly pool: WorkerPool;
  private readonly features: WasmFeatures;
  private readonly memoryShare: number;
  private readonly mode: Mode | "auto";
  private readonly programs = new ProgramCache(compileModule);
  private readonly memories = new SpareMemories(MOST_SPARE_BYTES);
  /** Programs that nobody has any more, and nobody disposed of. */
  private readonly forgotten = new FinalizationRegistry<number>((id) => this.unload(id));
  private nextId = 1;

  constructor({
    threads = availableParallelism(),
    deterministic = false,
    memoryShare = 0.8,
    mode = "auto",
  }: CpuEngineOptions = {}) {
    if (!Number.isInteger(threads) || threads < 1 || threads > MAX_WORKERS) {
      throw new RangeError(`The CPU engine takes 1 to ${MAX_WORKERS} threads, got ${threads}.`);
    }
    this.features = enableWasmFeatures(deterministic);
    this.memoryShare = memoryShare;
    this.mode = mode;
    this.pool = new WorkerPool(threads);
    const lanes = this.features.relaxed ? "SIMD with fused multiply-add" : "SIMD";
    this.description = `${threads} thread${threads === 1 ? "" : "s"}, WebAssembly ${lanes}`;
  }

  load(program: Program, { members, once = false }: LoadOptions): Promise<LoadedProgram> {
    checkMembers(members);
    // A thread that is given eight members at once must not leave another one without any.
    const lanes = members < 8 * this.pool.size ? 4 : 8;
    const mode = this.mode === "auto" ? chooseMode(program, members, this.pool.size).mode : this.mode;
    const brief = once && isSoonDone(program, members);
    const { compiled, module } = this.programs.get(program, { ...this.features, lanes, wide: mode === "wide", brief });
    const plan = planMemory(compiled, members, this.pool.size, this.memoryShare * freemem());
    const memory = this.memories.take(plan.totalBytes);
    for (const { offset, data } of compiled.constants) new Uint8Array(memory.buffer).set(data, plan.shared + offset);
    const id = this.nextId++;
    const { stateBytes, memberBytes, pack, stages } = compiled;
    this.pool.load({ id, module, memory, plan, stateBytes, memberBytes, members, pack, stages });
    const loaded = new CpuProgram(this.pool, id, compiled, plan, memory, members, () => this.unload(id));
    weigh(loaded, plan.totalBytes);
    this.forgotten.register(loaded, id);
    return Promise.resolve(loaded);
  }

  /** Whether no program was ever loaded. */
  get isUnused(): boolean {
    return this.nextId === 1;
  }

  async dispose(): Promise<void> {
    await this.pool.dispose();
  }

  /** Takes a program from the workers; its memory is for those to come. */
  private unload(id: number): void {
    this.pool.unload(id, (memory) => this.memories.give(memory));
  }
}

class CpuProgram implements LoadedProgram {
  /** Undefined once it is disposed of: the memory is another program's then. */
  private memory: MemberMemory | undefined;

  constructor(
    private readonly pool: WorkerPool,
    private readonly id: number,
    private readonly program: WasmProgram,
    private readonly plan: MemoryPlan,
    memory: WebAssembly.Memory,
    readonly members: number,
    private readonly unload: () => void,
  ) {
    this.memory = new MemberMemory(program, members, memory.buffer, { ...plan, pack: program.pack });
  }

  get bytesPerMember(): number {
    return this.plan.memberStride / this.program.pack;
  }

  get flopsPerStep(): number {
    return this.program.flopsPerStep;
  }

  write(input: string, values: ArrayLike<number>, member?: number): void {
    this.values.write(input, values, member);
  }

  read(name: string, member?: number): SlotArray {
    return this.values.read(name, member);
  }

  /** They are in the memory that is read. */
  fetch(): Promise<void> {
    return Promise.resolve();
  }

  async run(
    steps: number,
    members: readonly number[] = Array.from({ length: this.members }, (_, i) => i),
  ): Promise<RunReport> {
    checkRun(steps, members, this.members);
    // Awaited here, so that a program is not taken for forgotten while it runs.
    return await this.pool.run(this.id, members, steps, notebookHost()?.interruptSignal);
  }

  dispose(): void {
    this.memory = undefined;
    this.unload();
  }

  private get values(): MemberMemory {
    if (this.memory) return this.memory;
    throw new Error("The program was disposed; load it again to write its inputs or to read what it computes.");
  }
}
