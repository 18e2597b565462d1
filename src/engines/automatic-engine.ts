import type { Program } from "../tensor/program.js";
import type { Engine, LoadedProgram, LoadOptions, RunReport } from "./engine.js";
import { onlyOnce } from "./only-once.js";
import type { SlotArray } from "./slot-access.js";
import { GpuError } from "./webgpu/errors.js";
import type { WebgpuEngine } from "./webgpu/webgpu-engine.js";
import { WebgpuProgram } from "./webgpu/webgpu-program.js";

/**
 * The GPU if there is a real one, else the CPU. A program that the GPU cannot take, or does not bring to its end, goes on
 * on the CPU from where the GPU's values were copied last.
 */
export class AutomaticEngine implements Engine {
  readonly precision = "float32";
  private chosen: Engine | undefined;

  /** `gpu` takes real adapters only. */
  constructor(
    private readonly gpu: WebgpuEngine,
    private readonly cpu: () => Engine,
  ) {}

  /** Of the engine that was chosen; it is when the first program is loaded. */
  get name(): string {
    return this.chosen?.name ?? "automatic";
  }

  get description(): string {
    return this.chosen?.description ?? "a GPU if there is one, else the CPU";
  }

  /** Chooses before the first program is loaded. */
  async prepare(): Promise<void> {
    if (this.chosen) return;
    await this.gpu.open().then(
      () => (this.chosen ??= this.gpu),
      () => this.fallBack(),
    );
  }

  async load(program: Program, options: LoadOptions): Promise<LoadedProgram> {
    if (!this.chosen || this.chosen === this.gpu) {
      try {
        const loaded = await this.gpu.load(program, options);
        this.chosen = this.gpu;
        return new MovableProgram(loaded, program, () => this.fallBack().load(program, options));
      } catch {
        // Whatever a GPU lacks, the CPU says more clearly what is wrong, or computes it.
      }
    }
    return this.fallBack().load(program, options);
  }

  async dispose(): Promise<void> {
    await this.gpu.dispose();
    await this.chosen?.dispose();
  }

  private fallBack(): Engine {
    return (this.chosen = this.cpu());
  }
}

/** A program on the GPU that moves to another engine when the GPU fails. */
class MovableProgram implements LoadedProgram {
  constructor(
    private current: LoadedProgram,
    private readonly program: Program,
    private readonly loadElsewhere: () => Promise<LoadedProgram>,
  ) {}

  get members(): number {
    return this.current.members;
  }
  get bytesPerMember(): number {
    return this.current.bytesPerMember;
  }
  get flopsPerStep(): number {
    return this.current.flopsPerStep;
  }

  write(input: string, values: ArrayLike<number>, member?: number): void {
    this.current.write(input, values, member);
  }

  read(name: string, member?: number): ReturnType<LoadedProgram["read"]> | SlotArray {
    return this.current.read(name, member);
  }

  view(name: string, member?: number): ReturnType<LoadedProgram["read"]> | SlotArray {
    return this.current.view?.(name, member) ?? this.current.read(name, member);
  }

  readAll(name: string): ReturnType<LoadedProgram["read"]> | undefined {
    return this.current.readAll?.(name);
  }

  fetch(names?: readonly string[]): Promise<void> {
    return this.surviving((program) => program.fetch(names));
  }

  run(steps: number, members?: readonly number[]): Promise<RunReport> {
    return this.surviving((program) => program.run(steps, members));
  }

  runWhile(steps: number, members: readonly number[], meanwhile: () => void): Promise<RunReport> {
    const once = onlyOnce(meanwhile);
    return this.surviving((program) => {
      if (program.runWhile) return program.runWhile(steps, members, once);
      once();
      return program.run(steps, members);
    });
  }

  dispose(): void {
    this.current.dispose();
  }

  private async surviving<T>(work: (program: LoadedProgram) => Promise<T>): Promise<T> {
    try {
      return await work(this.current);
    } catch (error) {
      if (!(error instanceof GpuError) || !(this.current instanceof WebgpuProgram)) throw error;
      this.current = await this.move(this.current);
      return work(this.current);
    }
  }

  /** Writes the values that were copied last, and does again what was done since. */
  private async move(from: WebgpuProgram): Promise<LoadedProgram> {
    const journal = from.rewind();
    const to = await this.loadElsewhere();
    for (const { name, scope } of this.program.inputs) {
      if (scope === "shared") to.write(name, from.read(name));
      else for (let member = 0; member < to.members; member++) to.write(name, from.read(name, member), member);
    }
    for (const entry of journal) {
      if (entry.kind === "write") to.write(entry.input, entry.values, entry.member);
      else await to.run(entry.steps, entry.members);
    }
    return to;
  }
}
