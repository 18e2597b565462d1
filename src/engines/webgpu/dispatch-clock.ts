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
/** Where the timestamps of one pass begin among those of all. */
const STRIDE = 256;

/**
 * Measures dispatches by the GPU's own clock: what waits behind other programs' work, or for the host, does not count, nor
 * what a pass waits for the one before. Devices without the feature `timestamp-query` have none.
 */
export class DispatchClock {
  private turn = 0;
  /** When the last measured pass ended, in nanoseconds of the GPU's clock. */
  private ended = 0n;

  private constructor(
    private readonly device: Device,
    private readonly queries: GpuQuerySet,
    private readonly resolved: GpuBuffer,
    private readonly landings: readonly GpuBuffer[],
  ) {}

  /** `inFlight`: passes that may be measured before the first of them has ended. */
  static async create(device: Device, inFlight = 1): Promise<DispatchClock | undefined> {
    const { gpu } = device;
    if (!gpu.features.has("timestamp-query")) return undefined;
    const queries = gpu.createQuerySet({ type: "timestamp", count: 2 * inFlight });
    const resolves = USAGE.queryResolve | USAGE.copyFrom;
    const [resolved] = await device.buffers([STRIDE * inFlight], resolves, "timestamps");
    const sizes = Array.from({ length: inFlight }, () => BYTES);
    const landings = await device.buffers(sizes, USAGE.mapRead | USAGE.copyTo, "timestamps");
    return new DispatchClock(device, queries, resolved!, landings);
  }

  /** The measurement of the next pass; those before it have been read, but for the ones in flight. */
  next(): PassTime {
    const slot = this.turn++ % this.landings.length;
    return {
      timestampWrites: {
        querySet: this.queries,
        beginningOfPassWriteIndex: 2 * slot,
        endOfPassWriteIndex: 2 * slot + 1,
      },
      collect: (encoder) => {
        encoder.resolveQuerySet(this.queries, 2 * slot, 2, this.resolved, STRIDE * slot);
        encoder.copyBufferToBuffer(this.resolved, STRIDE * slot, this.landings[slot]!, 0, BYTES);
      },
      seconds: () => this.read(this.landings[slot]!),
    };
  }

  dispose(): void {
    this.queries.destroy();
    for (const buffer of [this.resolved, ...this.landings]) buffer.destroy();
  }

  private async read(landing: GpuBuffer): Promise<number | undefined> {
    await this.device.answer(landing.mapAsync(MAP_READ), "reading timestamps");
    const [begin, end] = new BigUint64Array(landing.getMappedRange(0, BYTES).slice(0)) as unknown as [bigint, bigint];
    landing.unmap();
    const from = begin > this.ended ? begin : this.ended;
    this.ended = end;
    return end > from ? Number(end - from) / 1e9 : undefined;
  }
}

/** Measures one pass. */
export interface PassTime {
  /** What the pass is begun with. */
  readonly timestampWrites: TimestampWrites;
  /** Adds to the commands of the pass that its times are brought here. */
  collect(encoder: GpuEncoder): void;
  /** Seconds that it took on the GPU; undefined where its clock was set anew meanwhile. */
  seconds(): Promise<number | undefined>;
}
