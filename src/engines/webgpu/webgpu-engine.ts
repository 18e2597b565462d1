import { compileWgsl } from "../../compile/wgsl.js";
import type { Program } from "../../tensor/program.js";
import type { Engine, LoadedProgram, LoadOptions } from "../engine.js";
import { type AdapterDescription, showAdapter, systemGpu } from "./adapters.js";
import { Device } from "./device.js";
import type { Gpu } from "./gpu-types.js";
import { LoadedShader } from "./loaded-shader.js";
import { WebgpuProgram } from "./webgpu-program.js";

export interface WebgpuEngineOptions {
  /** Where adapters come from; default: those of this machine. */
  readonly gpu?: () => Promise<Gpu>;
  /** Which adapters may be taken; default: any, real ones first. */
  readonly accept?: (adapter: AdapterDescription) => boolean;
  /** How long a dispatch may take before the device is given up, in milliseconds. */
  readonly patienceMs?: number;
  /** Most threads of a workgroup, and most bytes of its memory; default: what the adapter has. */
  readonly threads?: number;
  readonly workgroupBytes?: number;
  /** Neighbouring threads that may exchange values in registers; default: what the adapter has. */
  readonly subgroupSize?: number;
  /** Samples of a batch that a workgroup works off at a time; 0: all together. Default: as the compiler finds best. */
  readonly block?: number;
}

/** Threads beyond which a workgroup of a small network only waits longer at its barriers. */
const MOST_THREADS = 256;

/** Members as workgroups of the host's GPU, through WebGPU: many steps in one dispatch of a generated shader. */
export class WebgpuEngine implements Engine {
  readonly name = "webgpu";
  readonly precision = "float32";
  private device: Promise<Device> | undefined;
  private current: Device | undefined;

  constructor(private readonly options: WebgpuEngineOptions = {}) {}

  get description(): string {
    return this.current ? showAdapter(this.current.adapter) : "the GPU is opened when it is first used";
  }

  /** Opens the device; throws a {@link NoGpuError} that says why there is none. */
  async open(): Promise<AdapterDescription> {
    return (await this.openDevice()).adapter;
  }

  async load(program: Program, { members }: LoadOptions): Promise<LoadedProgram> {
    const device = await this.openDevice();
    const { limits } = device;
    const { threads = MOST_THREADS, workgroupBytes = Infinity, subgroupSize = Infinity, block } = this.options;
    const compiled = compileWgsl(program, {
      threads: Math.min(threads, limits.maxComputeInvocationsPerWorkgroup),
      workgroupBytes: Math.min(workgroupBytes, limits.maxComputeWorkgroupStorageSize),
      subgroupSize: Math.min(subgroupSize, device.subgroupSize),
      ...(block !== undefined && { block }),
    });
    const shader = await LoadedShader.load(device, compiled, members);
    return new WebgpuProgram(shader, members, () => this.openDevice());
  }

  async dispose(): Promise<void> {
    const device = await this.device?.catch(() => undefined);
    this.device = undefined;
    device?.destroy();
  }

  /** The device; another one where it was lost. */
  private async openDevice(): Promise<Device> {
    if (this.current?.isLost) this.device = this.current = undefined;
    const { gpu = systemGpu, accept, patienceMs } = this.options;
    this.device ??= gpu().then((found) => Device.open(found, accept, patienceMs));
    try {
      return (this.current = await this.device);
    } catch (error) {
      this.device = undefined;
      throw error;
    }
  }
}
