import type { Device } from "./device.js";
import {
  type GpuBuffer,
  type GpuEncoder,
  type GpuQuerySet,
  MAP_READ,
  type TimestampWrites,
  USAGE,
} from "./gpu-types.js";

/** Two timestamps, of 64 bits each. */
const BYTES = 16;

/**
 * Measures dispatches by the GPU's own clock: what waits behind other programs' work, or for the host, does not count.
 * Devices without the feature `timestamp-query` have none.
 */
export class DispatchClock {
  private constructor(
    private readonly device: Device,
    private readonly queries: GpuQuerySet,
    private readonly resolved: GpuBuffer,
    private readonly landing: GpuBuffer,
  ) {}

  static async create(device: Device): Promise<DispatchClock | undefined> {
    const { gpu } = device;
    if (!gpu.features.has("timestamp-query")) return undefined;
    const queries = gpu.createQuerySet({ type: "timestamp", count: 2 });
    const [resolved] = await device.buffers([BYTES], USAGE.queryResolve | USAGE.copyFrom, "timestamps");
    const [landing] = await device.buffers([BYTES], USAGE.mapRead | USAGE.copyTo, "timestamps");
    return new DispatchClock(device, queries, resolved!, landing!);
  }

  /** What a pass is begun with. */
  get timestampWrites(): TimestampWrites {
    return { querySet: this.queries, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
  }

  /** Adds to the commands of a pass that its times are brought here. */
  collect(encoder: GpuEncoder): void {
    encoder.resolveQuerySet(this.queries, 0, 2, this.resolved, 0);
    encoder.copyBufferToBuffer(this.resolved, 0, this.landing, 0, BYTES);
  }

  /** Seconds that the last pass took on the GPU; undefined where its clock was set anew meanwhile. */
  async seconds(): Promise<number | undefined> {
    await this.device.answer(this.landing.mapAsync(MAP_READ), "reading timestamps");
    const [begin, end] = new BigUint64Array(this.landing.getMappedRange(0, BYTES).slice(0));
    this.landing.unmap();
    return end! > begin! ? Number(end! - begin!) / 1e9 : undefined;
  }

  dispose(): void {
    this.queries.destroy();
    this.resolved.destroy();
    this.landing.destroy();
  }
}
