import {
  type Gpu,
  type GpuBuffer,
  type GpuDevice,
  type GpuEncoder,
  type GpuPipeline,
  type GpuQuerySet,
  MAP_READ,
  type TimestampWrites,
} from "../../src/engines/webgpu/gpu-types.js";

/** What was asked of an idle GPU. */
export interface Traffic {
  /** Milliseconds of all dispatches. */
  dispatched: number;
  /** Bytes to and from the GPU. */
  written: number;
  read: number;
  /** Bytes of buffers that were made. */
  allocated: number;
}

const LIMITS = {
  maxBufferSize: 2 ** 31,
  maxStorageBufferBindingSize: 2 ** 31,
  maxComputeWorkgroupStorageSize: 49152,
  maxComputeInvocationsPerWorkgroup: 1024,
  maxComputeWorkgroupSizeX: 1024,
  maxComputeWorkgroupsPerDimension: 65535,
};
const FEATURES = new Set(["timestamp-query", "subgroups"]);

/** What a pass takes that moves values, in milliseconds. */
const COPY_MS = 0.02;

/**
 * A GPU that takes its time and computes nothing: a step of the program that was loaded first takes `stepMs`, others none. What it
 * answers are words of ones, as which a training knows that no member has diverged. Like Dawn it copies what is written to it, and
 * looks at each turn of the event loop what has ended.
 */
export class IdleGpu implements Gpu {
  readonly traffic: Traffic = { dispatched: 0, written: 0, read: 0, allocated: 0 };
  /** When it has done all, on the clock of `performance`. */
  private end = 0;
  private readonly waiting: { readonly at: number; readonly resolve: () => void }[] = [];
  private steps = 0;
  private timed: GpuPipeline | undefined;

  constructor(private readonly stepMs: number) {}

  requestAdapter() {
    const info = {
      vendor: "idle",
      architecture: "",
      device: "idle",
      description: "computes nothing",
      subgroupMinSize: 32,
    };
    return Promise.resolve({
      info,
      limits: LIMITS,
      features: FEATURES,
      requestDevice: () => Promise.resolve(this.device()),
    });
  }

  /** Counts from now on. */
  reset(): void {
    Object.assign(this.traffic, { dispatched: 0, written: 0, read: 0, allocated: 0 });
  }

  private device(): GpuDevice {
    return {
      limits: LIMITS,
      features: FEATURES,
      lost: new Promise(() => undefined),
      queue: {
        writeBuffer: (buffer, _, data) => this.write(buffer as IdleBuffer, data as Uint8Array),
        submit: (commands) => (commands as IdleEncoder[]).forEach((encoder) => encoder.run()),
        onSubmittedWorkDone: () => this.until(this.end),
      },
      createBuffer: ({ size, label = "" }) => {
        this.traffic.allocated += size;
        return new IdleBuffer(size, label, (bytes) => this.bring(bytes));
      },
      createShaderModule: ({ label = "" }) => ({ label, getCompilationInfo: () => Promise.resolve({ messages: [] }) }),
      createBindGroupLayout: () => ({}),
      createPipelineLayout: () => ({}),
      createComputePipelineAsync: ({ compute }) => {
        const pipeline = { getBindGroupLayout: () => ({}) };
        if ((compute.module as { label?: string }).label === "program") this.timed ??= pipeline;
        return Promise.resolve(pipeline);
      },
      createBindGroup: () => ({}),
      createCommandEncoder: () => new IdleEncoder((pipeline) => this.dispatch(pipeline)),
      createQuerySet: ({ count }) => new IdleQuerySet(count),
      pushErrorScope: () => undefined,
      popErrorScope: () => this.until(0).then(() => null),
      destroy: () => undefined,
    };
  }

  private write({ label }: IdleBuffer, data: Uint8Array): void {
    this.traffic.written += data.byteLength;
    if (label === "arguments") this.steps = new Uint32Array(data.buffer, data.byteOffset, 1)[0]!;
    data.slice();
  }

  private bring(bytes: number): Promise<void> {
    this.traffic.read += bytes;
    return this.until(this.end);
  }

  /** When a dispatch begins and ends. */
  private dispatch(pipeline: GpuPipeline | undefined): readonly [begin: number, end: number] {
    const isTimed = pipeline === this.timed;
    const begin = Math.max(this.end, performance.now());
    this.end = begin + (isTimed ? this.steps * this.stepMs : COPY_MS);
    if (isTimed) this.traffic.dispatched += this.end - begin;
    return [begin, this.end];
  }

  private until(at: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.waiting.push({ at, resolve }) === 1) setImmediate(() => this.poll());
    });
  }

  private poll(): void {
    const now = performance.now();
    for (const one of this.waiting.splice(0)) {
      if (one.at <= now) one.resolve();
      else this.waiting.push(one);
    }
    if (this.waiting.length > 0) setImmediate(() => this.poll());
  }
}

class IdleBuffer implements GpuBuffer {
  private readonly ranges = new Map<number, ArrayBuffer>();

  constructor(
    readonly size: number,
    readonly label: string,
    private readonly bring: (bytes: number) => Promise<void>,
  ) {}

  mapAsync(mode: number, _ = 0, size = this.size): Promise<void> {
    this.range(size);
    return mode === MAP_READ ? this.bring(size) : Promise.resolve();
  }

  getMappedRange(_ = 0, size = this.size): ArrayBuffer {
    return this.range(size);
  }

  unmap(): void {
    // Its memory is the same for ever.
  }

  destroy(): void {
    this.ranges.clear();
  }

  /** Its first bytes; what subgroups answer is 0. */
  range(size: number): ArrayBuffer {
    const known = this.ranges.get(size);
    if (known) return known;
    const made = new Uint8Array(size).fill(this.label === "subgroups" ? 0 : 0xff).buffer;
    this.ranges.set(size, made);
    return made;
  }
}

class IdleQuerySet implements GpuQuerySet {
  readonly times: bigint[];

  constructor(readonly count: number) {
    this.times = new Array<bigint>(count).fill(0n);
  }

  destroy(): void {
    // There is nothing to give back.
  }
}

/** Commands, which are done when they are submitted. */
class IdleEncoder implements GpuEncoder {
  private readonly commands: (() => void)[] = [];
  private resolved: (() => bigint[]) | undefined;

  constructor(private readonly dispatch: (pipeline: GpuPipeline | undefined) => readonly [number, number]) {}

  beginComputePass({ timestampWrites }: { timestampWrites?: TimestampWrites } = {}) {
    let pipeline: GpuPipeline | undefined;
    return {
      setPipeline: (one: GpuPipeline) => void (pipeline = one),
      setBindGroup: () => undefined,
      dispatchWorkgroups: () => void this.commands.push(() => note(this.dispatch(pipeline), timestampWrites)),
      end: () => undefined,
    };
  }

  resolveQuerySet(queries: GpuQuerySet, first: number, count: number): void {
    this.resolved = () => (queries as IdleQuerySet).times.slice(first, first + count);
  }

  copyBufferToBuffer(_: GpuBuffer, __: number, to: GpuBuffer, ___: number, size: number): void {
    const { resolved } = this;
    this.resolved = undefined;
    if (resolved) this.commands.push(() => new BigUint64Array((to as IdleBuffer).range(size)).set(resolved()));
  }

  finish(): this {
    return this;
  }

  run(): void {
    for (const command of this.commands) command();
  }
}

function note([begin, end]: readonly [number, number], writes: TimestampWrites | undefined): void {
  if (!writes) return;
  const { times } = writes.querySet as IdleQuerySet;
  times[writes.beginningOfPassWriteIndex] = BigInt(Math.round(begin * 1e6));
  times[writes.endOfPassWriteIndex] = BigInt(Math.round(end * 1e6));
}
