import { availableParallelism, freemem } from "node:os";
import { compileWasm } from "../../compile/wasm.js";
import type { Slot, WasmProgram } from "../../compile/wasm-program.js";
import { type DType, sizeOf } from "../../tensor/shape.js";
import { notebookHost } from "../../notebook-host.js";
import type { Program } from "../../tensor/program.js";
import type { Engine, LoadedProgram, LoadOptions, RunReport } from "../engine.js";
import { MAX_WORKERS, type MemoryPlan, planMemory } from "./memory-plan.js";
import { WorkerPool } from "./pool.js";
import { enableWasmFeatures, type WasmFeatures } from "./wasm-features.js";

export interface CpuEngineOptions {
  /** Worker threads; default: one for each processor. */
  readonly threads?: number;
  /** No fused multiply-add: the same bits on any machine. */
  readonly deterministic?: boolean;
  /** Share of the available memory that one program may take. */
  readonly memoryShare?: number;
}

/** Members on worker threads over shared memory, each advanced by generated WebAssembly SIMD. */
export class CpuEngine implements Engine {
  readonly name = "cpu";
  readonly precision = "float32";
  readonly description: string;
  private readonly pool: WorkerPool;
  private readonly features: WasmFeatures;
  private readonly memoryShare: number;
  private nextId = 1;

  constructor({ threads = availableParallelism(), deterministic = false, memoryShare = 0.8 }: CpuEngineOptions = {}) {
    if (!Number.isInteger(threads) || threads < 1 || threads > MAX_WORKERS) {
      throw new RangeError(`The CPU engine takes 1 to ${MAX_WORKERS} threads, got ${threads}.`);
    }
    this.features = enableWasmFeatures(deterministic);
    this.memoryShare = memoryShare;
    this.pool = new WorkerPool(threads);
    const lanes = this.features.relaxed ? "SIMD with fused multiply-add" : "SIMD";
    this.description = `${threads} thread${threads === 1 ? "" : "s"}, WebAssembly ${lanes}`;
  }

  load(program: Program, { members }: LoadOptions): Promise<LoadedProgram> {
    const lanes = members < 8 * this.pool.size ? 4 : 8;
    const compiled = compileWasm(program, { ...this.features, lanes });
    const plan = planMemory(compiled, members, this.pool.size, this.memoryShare * freemem());
    const module = new WebAssembly.Module(compiled.module);
    const pages = plan.totalBytes / 65536;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    for (const { offset, data } of compiled.constants) new Uint8Array(memory.buffer).set(data, plan.shared + offset);
    const id = this.nextId++;
    const { stateBytes, memberBytes, pack } = compiled;
    this.pool.load({ id, module, memory, plan, stateBytes, memberBytes, members, pack });
    return Promise.resolve(new CpuProgram(this.pool, id, compiled, plan, memory, members));
  }

  async dispose(): Promise<void> {
    await this.pool.dispose();
  }
}

class CpuProgram implements LoadedProgram {
  /** Where the elements of a slot lie, once it has been asked for. */
  private readonly known = new Map<Slot, Uint32Array>();

  constructor(
    private readonly pool: WorkerPool,
    private readonly id: number,
    private readonly program: WasmProgram,
    private readonly plan: MemoryPlan,
    private readonly memory: WebAssembly.Memory,
    readonly members: number,
  ) {}

  get bytesPerMember(): number {
    return this.plan.memberStride / this.program.pack;
  }

  get flopsPerStep(): number {
    return this.program.flopsPerStep;
  }

  write(input: string, values: ArrayLike<number>, member?: number): void {
    const slot = this.program.inputs.get(input);
    if (!slot)
      throw new Error(`The program has no input "${input}"; it has ${[...this.program.inputs.keys()].join(", ")}.`);
    if (values.length !== sizeOf(slot.shape)) {
      throw new RangeError(
        `Input "${input}" has ${sizeOf(slot.shape)} elements (shape [${slot.shape.join(", ")}]), got ${values.length}.`,
      );
    }
    const view = this.view(slot, member);
    this.addresses(slot).forEach((at, flat) => (view[at] = values[flat]!));
  }

  read(name: string, member?: number): Float32Array | Int32Array | Uint32Array {
    const slot = this.program.outputs.get(name) ?? this.program.inputs.get(name);
    if (!slot)
      throw new Error(
        `The program has no output or input "${name}"; outputs: ${[...this.program.outputs.keys()].join(", ")}.`,
      );
    const view = this.view(slot, member);
    const out = typedArray(slot.dtype, new ArrayBuffer(4 * sizeOf(slot.shape)));
    this.addresses(slot).forEach((at, flat) => (out[flat] = view[at]!));
    return out;
  }

  run(
    steps: number,
    members: readonly number[] = Array.from({ length: this.members }, (_, i) => i),
  ): Promise<RunReport> {
    return this.pool.run(this.id, members, steps, notebookHost()?.interruptSignal);
  }

  dispose(): void {
    this.pool.unload(this.id);
  }

  private addresses(slot: Slot): Uint32Array {
    const addresses = this.known.get(slot) ?? addressesOf(slot);
    this.known.set(slot, addresses);
    return addresses;
  }

  /** Typed array at the base of a slot; offsets are in elements. */
  private view(slot: Slot, member?: number): Float32Array | Int32Array | Uint32Array {
    if (slot.region === "member" && !(member !== undefined && member >= 0 && member < this.members)) {
      throw new RangeError(`Member ${member} does not exist; there are ${this.members}.`);
    }
    const base = slot.region === "shared" ? this.plan.shared : this.placeOf(member!);
    return typedArray(slot.dtype, this.memory.buffer, base + slot.offset);
  }

  /** Where a member's first element lies. */
  private placeOf(member: number): number {
    const { pack } = this.program;
    return this.plan.members + Math.floor(member / pack) * this.plan.memberStride + 4 * (member % pack);
  }
}

/** The elements of a type from a byte offset on; bool is read as u32. */
function typedArray(dtype: DType, buffer: ArrayBuffer | SharedArrayBuffer, byteOffset = 0) {
  if (dtype === "f32") return new Float32Array(buffer as ArrayBuffer, byteOffset);
  return dtype === "i32"
    ? new Int32Array(buffer as ArrayBuffer, byteOffset)
    : new Uint32Array(buffer as ArrayBuffer, byteOffset);
}

/** The slot's element offset of every element, in row-major order. */
function addressesOf({ shape, strides }: Slot): Uint32Array {
  let addresses = Uint32Array.of(0);
  shape.forEach((length, axis) => {
    const outer = addresses;
    addresses = new Uint32Array(outer.length * length);
    for (let i = 0; i < addresses.length; i++) {
      addresses[i] = outer[Math.floor(i / length)]! + (i % length) * strides[axis]!;
    }
  });
  return addresses;
}
