import { compileWgsl } from "../../compile/wgsl.js";
import type { StorageType } from "../../compile/wgsl-program.js";
import type { Program } from "../../tensor/program.js";
import type { Engine, LoadedProgram, LoadOptions, Precision } from "../engine.js";
import { ProgramCache } from "../program-cache.js";
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
  /**
   * `float16`: what a step keeps of a batch between its parts, and data that all members read, take half the memory, and products
   * load them two at a time. All arithmetic, parameters, an optimizer's state, sums over the batch and integers stay in 32
   * bits; of a program without a state, as `evaluate` runs it, only data do not.
   *
   * Activations and data are rounded to 11 bits of significand, to a relative error of 2⁻¹¹ (4.9 · 10⁻⁴); numbers beneath
   * 6.1 · 10⁻⁵ keep fewer digits, or become 0 on some GPUs. What only larger states are computed from, gradients of activations
   * above all, has 8 bits (2⁻⁸) in the range of float32: gradients of a mean are too small for float16. An activation beyond 65504
   * becomes infinity, so that its member diverges; writing such data is a RangeError. A loss whose residuals are smaller than
   * 10⁻³ of the values wants `float32`, the default.
   */
  readonly storage?: StorageType;
}

/** Threads beyond which a workgroup of a small network only waits longer at its barriers. */
const MOST_THREADS = 256;

const STORAGES: readonly StorageType[] = ["float32", "float16"];

/** Members as workgroups of the host's GPU, through WebGPU: many steps in one dispatch of a generated shader. */
export class WebgpuEngine implements Engine {
  readonly name = "webgpu";
  readonly precision: Precision;
  private device: Promise<Device> | undefined;
  private current: Device | undefined;
  private readonly programs = new ProgramCache(compileWgsl);

  constructor(private readonly options: WebgpuEngineOptions = {}) {
    const { storage = "float32" } = options;
    if (!STORAGES.includes(storage))
      throw new RangeError(`The webgpu engine stores values as ${STORAGES.join(" or ")}, not as ${storage}.`);
    this.precision = storage === "float16" ? "float32, stored as float16" : "float32";
  }

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
    const { threads = MOST_THREADS, workgroupBytes = Infinity, subgroupSize = Infinity, block, storage } = this.options;
    const compiled = this.programs.get(program, {
      threads: Math.min(threads, limits.maxComputeInvocationsPerWorkgroup),
      workgroupBytes: Math.min(workgroupBytes, limits.maxComputeWorkgroupStorageSize),
      subgroupSize: Math.min(subgroupSize, device.subgroupSize),
      ...(block !== undefined && { block }),
      ...(storage && { storage }),
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
