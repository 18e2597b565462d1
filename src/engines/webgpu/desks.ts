import type { Device } from "./device.js";
import { type GpuBuffer, USAGE } from "./gpu-types.js";

/** Buffers that values pass through between members' regions and this side. */
export interface Desk {
  /** Values without gaps. */
  readonly compact: GpuBuffer;
  /** Where this side reads them. */
  readonly landing: GpuBuffer;
  /** Arguments of a copy: its sizes, and up to {@link MOST_PIECES} pieces. */
  readonly sizes: GpuBuffer;
  readonly pieces: GpuBuffer;
}

/** Pieces of a copy, of 16 bytes each. */
export const MOST_PIECES = 256;

/** As many as let this side copy from one while the GPU fills another. */
const DESKS = 2;
const LEAST_BYTES = 2 ** 16;

/** The desks of a device. They grow with what is moved, and stay: to make buffers takes longer than to use them. */
export class Desks {
  /** Undefined for those that have not been made yet. */
  private readonly free: (Desk | undefined)[] = new Array<undefined>(DESKS).fill(undefined);
  private readonly waiting: ((desk: Desk | undefined) => void)[] = [];

  constructor(private readonly device: Device) {}

  /** Does some work with a desk for so many bytes, which nobody else has meanwhile; in the order of the calls. */
  async use<T>(bytes: number, work: (desk: Desk) => T | Promise<T>): Promise<T> {
    let desk = this.free.length > 0 ? this.free.pop() : await this.next();
    try {
      if (!desk || desk.compact.size < bytes) desk = await this.replace(desk, bytes);
      return await work(desk);
    } finally {
      const next = this.waiting.shift();
      if (next) next(desk);
      else this.free.push(desk);
    }
  }

  private next(): Promise<Desk | undefined> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private async replace(old: Desk | undefined, bytes: number): Promise<Desk> {
    const size = Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(bytes)));
    const [compact, pieces] = await this.device.storage([size, 16 * MOST_PIECES], "values on their way");
    const [landing] = await this.device.buffers([size], USAGE.mapRead | USAGE.copyTo, "values on their way");
    const [sizes] = await this.device.buffers([16], USAGE.uniform | USAGE.copyTo, "arguments");
    if (old) for (const buffer of [old.compact, old.landing, old.sizes, old.pieces]) buffer.destroy();
    return { compact: compact!, landing: landing!, sizes: sizes!, pieces: pieces! };
  }
}
