import { MemoryError } from "../engine.js";
import { RecentlyUsed } from "../recently-used.js";
import { type AdapterDescription, findAdapters, type FoundAdapter, showAdapter } from "./adapters.js";
import { DeviceLostError, DispatchTimeoutError, NoGpuError } from "./errors.js";
import { type Gpu, type GpuBuffer, type GpuDevice, type GpuLimits, type GpuPipeline, USAGE } from "./gpu-types.js";
import { subgroupSizeOf } from "./subgroups.js";

/** How long a dispatch may take before the device is given up, in milliseconds. */
export const PATIENCE_MS = 20_000;

/** Compiled shaders that are kept for programs that are loaded again. */
const MOST_PIPELINES = 64;

/** What is asked of a device where its adapter has it. */
const FEATURES = ["timestamp-query", "subgroups"];

/** A device with a lifetime of its own: once lost it never works again, and a new one has to be opened. */
export class Device {
  /** Neighbouring threads that can exchange values in registers; 1 where none can. */
  subgroupSize = 1;
  private reason: Error | undefined;
  private readonly pipelines = new RecentlyUsed<Promise<GpuPipeline>>(MOST_PIPELINES);
  /** Rejects when the device is lost. */
  private readonly loss: Promise<never>;

  private constructor(
    readonly gpu: GpuDevice,
    readonly adapter: AdapterDescription,
    /** What the adapter has; the device was asked for it. */
    readonly limits: GpuLimits,
    private readonly patienceMs: number,
  ) {
    this.loss = gpu.lost.then(({ reason, message }) => {
      this.reason ??= new DeviceLostError(
        `The GPU device was lost (${[reason, message].filter(Boolean).join(": ")}). Members go on from what was read back last.`,
      );
      throw this.reason;
    });
    this.loss.catch(() => undefined);
  }

  /** Opens a device on the first adapter that `accept` takes, with all that the adapter has of what shaders use. */
  static async open(
    gpu: Gpu,
    accept: (adapter: AdapterDescription) => boolean = () => true,
    patienceMs = PATIENCE_MS,
  ): Promise<Device> {
    const found = await findAdapters(gpu);
    const chosen = found.find(({ description }) => accept(description));
    if (!chosen) throw new NoGpuError(noAdapter(found));
    const { adapter, description } = chosen;
    const { limits } = adapter;
    const device = await adapter.requestDevice({
      requiredLimits: {
        maxBufferSize: limits.maxBufferSize,
        maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
        maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
        maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
        maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      },
      requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    });
    const opened = new Device(device, description, limits, patienceMs);
    opened.subgroupSize = await subgroupSizeOf(opened, adapter.info.subgroupMinSize ?? 1);
    return opened;
  }

  get isLost(): boolean {
    return this.reason !== undefined;
  }

  /** What a promise of the device gives; rejects when the device is lost, or has not answered in time. */
  async answer<T>(promise: Promise<T>, what: string): Promise<T> {
    const { reason } = this;
    if (reason) {
      promise.catch(() => undefined);
      throw reason;
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.giveUp(what)), this.patienceMs);
    });
    try {
      return await Promise.race([promise, this.loss, late]);
    } catch (error) {
      // What a lost device answers says less than why it was lost.
      throw this.reason ?? error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The pipeline of a shader, compiled unless it is kept from before; `name`: the shader's code, and the entry point of several. */
  pipeline(name: string, compile: () => Promise<GpuPipeline>): Promise<GpuPipeline> {
    return this.pipelines.get(name, () => {
      const compiled = compile();
      compiled.catch(() => this.pipelines.drop(name));
      return compiled;
    });
  }

  /** Buffers of given sizes; throws a {@link MemoryError} when the device has no room for all of them. */
  async buffers(sizes: readonly number[], usage: number, label: string): Promise<GpuBuffer[]> {
    this.gpu.pushErrorScope("out-of-memory");
    const buffers = sizes.map((size) => this.gpu.createBuffer({ size: roundUp(size), usage, label }));
    const error = await this.answer(this.gpu.popErrorScope(), "making room in memory");
    if (!error) return buffers;
    for (const buffer of buffers) buffer.destroy();
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    throw new MemoryError(
      `The GPU (${this.adapter.name}) has no ${(bytes / 2 ** 20).toFixed(1)} MiB left for ${label}. ` +
        `Train fewer members at once, make the model or batch smaller, or use another engine.`,
    );
  }

  storage(sizes: readonly number[], label: string): Promise<GpuBuffer[]> {
    return this.buffers(sizes, USAGE.storage | USAGE.copyFrom | USAGE.copyTo, label);
  }

  destroy(): void {
    this.reason ??= new DeviceLostError("The GPU device was closed; load the program again to run it.");
    this.gpu.destroy();
  }

  private giveUp(what: string): Error {
    this.reason ??= new DispatchTimeoutError(
      `The GPU (${this.adapter.name}) did not answer for ${this.patienceMs / 1000} s (${what}) and is not used any more. ` +
        'Members go on from what was read back last; where a restart of the kernel does not help, use { engine: "cpu" }.',
    );
    return this.reason;
  }
}

/** Sizes of buffers are multiples of 16 bytes, and never 0. */
const roundUp = (bytes: number): number => Math.max(16, Math.ceil(bytes / 16) * 16);

function noAdapter(found: readonly FoundAdapter[]): string {
  if (found.length === 0) {
    return 'No GPU was found: neither Vulkan, Metal nor Direct3D 12 offers an adapter. Install the GPU\'s driver, or use { engine: "cpu" }.';
  }
  const list = found.map(({ description }) => showAdapter(description)).join("; ");
  return `No GPU can be used: ${list}. Software adapters are taken only where the engine is named: { engine: "webgpu" }.`;
}
