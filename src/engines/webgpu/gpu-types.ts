/** The part of the WebGPU API that the engine uses (https://www.w3.org/TR/webgpu/); Node has no types of its own for it. */

export interface Gpu {
  requestAdapter(options?: {
    powerPreference?: "high-performance" | "low-power";
    forceFallbackAdapter?: boolean;
  }): Promise<GpuAdapter | null>;
}

export interface GpuAdapter {
  readonly info: GpuAdapterInfo;
  readonly limits: GpuLimits;
  readonly features: ReadonlySet<string>;
  requestDevice(options: {
    requiredLimits: Partial<Record<keyof GpuLimits, number>>;
    requiredFeatures?: readonly string[];
  }): Promise<GpuDevice>;
}

export interface GpuAdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** Made of software. */
  readonly isFallbackAdapter?: boolean;
  readonly subgroupMinSize?: number;
}

export interface GpuLimits {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
  readonly maxComputeWorkgroupStorageSize: number;
  readonly maxComputeInvocationsPerWorkgroup: number;
  readonly maxComputeWorkgroupSizeX: number;
  readonly maxComputeWorkgroupsPerDimension: number;
}

export interface GpuDevice {
  readonly limits: GpuLimits;
  readonly features: ReadonlySet<string>;
  readonly queue: GpuQueue;
  /** Resolves when the device can do nothing any more. */
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  createBuffer(options: { size: number; usage: number; label?: string }): GpuBuffer;
  createShaderModule(options: { code: string; label?: string }): GpuShaderModule;
  createBindGroupLayout(options: {
    entries: { binding: number; visibility: number; buffer: { type: "uniform" | "storage" | "read-only-storage" } }[];
  }): GpuBindGroupLayout;
  createPipelineLayout(options: { bindGroupLayouts: GpuBindGroupLayout[] }): GpuPipelineLayout;
  createComputePipelineAsync(options: {
    layout: "auto" | GpuPipelineLayout;
    compute: { module: GpuShaderModule; entryPoint: string };
  }): Promise<GpuPipeline>;
  createBindGroup(options: {
    layout: GpuBindGroupLayout;
    entries: { binding: number; resource: { buffer: GpuBuffer } }[];
  }): GpuBindGroup;
  createCommandEncoder(): GpuEncoder;
  createQuerySet(options: { type: "timestamp"; count: number }): GpuQuerySet;
  pushErrorScope(filter: "out-of-memory" | "validation" | "internal"): void;
  popErrorScope(): Promise<{ readonly message: string } | null>;
  destroy(): void;
}

export interface GpuQueue {
  writeBuffer(buffer: GpuBuffer, offset: number, data: ArrayBuffer | Uint8Array, from?: number, size?: number): void;
  submit(commands: readonly unknown[]): void;
  onSubmittedWorkDone(): Promise<unknown>;
}

export interface GpuBuffer {
  readonly size: number;
  mapAsync(mode: number, offset?: number, size?: number): Promise<unknown>;
  getMappedRange(offset?: number, size?: number): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

export interface GpuShaderModule {
  getCompilationInfo(): Promise<{ readonly messages: readonly GpuCompilationMessage[] }>;
}

export interface GpuCompilationMessage {
  readonly type: "error" | "warning" | "info";
  readonly lineNum: number;
  readonly message: string;
}

export interface GpuPipeline {
  getBindGroupLayout(group: number): GpuBindGroupLayout;
}

/** Opaque: made by a device, and given back to it. */
export interface GpuBindGroup {
  readonly label?: string;
}
export type GpuBindGroupLayout = GpuBindGroup;
export type GpuPipelineLayout = GpuBindGroup;

export interface GpuEncoder {
  beginComputePass(options?: { timestampWrites?: TimestampWrites }): GpuPass;
  resolveQuerySet(queries: GpuQuerySet, first: number, count: number, to: GpuBuffer, offset: number): void;
  copyBufferToBuffer(from: GpuBuffer, fromOffset: number, to: GpuBuffer, toOffset: number, size: number): void;
  finish(): unknown;
}

export interface GpuQuerySet {
  readonly count: number;
  destroy(): void;
}

/** Where a pass notes when it begins and ends. */
export interface TimestampWrites {
  readonly querySet: GpuQuerySet;
  readonly beginningOfPassWriteIndex: number;
  readonly endOfPassWriteIndex: number;
}

export interface GpuPass {
  setPipeline(pipeline: GpuPipeline): void;
  setBindGroup(group: number, bindings: GpuBindGroup): void;
  dispatchWorkgroups(x: number, y?: number): void;
  end(): void;
}

/** Uses of buffers (GPUBufferUsage). */
export const USAGE = {
  mapRead: 0x1,
  copyFrom: 0x4,
  copyTo: 0x8,
  uniform: 0x40,
  storage: 0x80,
  queryResolve: 0x200,
} as const;

/** Of mapAsync (GPUMapMode.READ). */
export const MAP_READ = 1;

/** Who sees a binding (GPUShaderStage.COMPUTE). */
export const COMPUTE = 4;
