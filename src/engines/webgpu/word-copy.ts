import type { Device } from "./device.js";
import { type Desk, Desks, MOST_PIECES } from "./desks.js";
import { all } from "./flights.js";
import { type GpuBuffer, type GpuPipeline, MAP_READ } from "./gpu-types.js";

const THREADS = 64;

/** Most words that are moved at a time: while the host copies some, the GPU collects the next. */
const MOST_WORDS = 2 ** 21;

/** Copies pieces of members' regions to or from a buffer where they lie without gaps. */
const SHADER = `
struct Sizes { total: u32, row: u32, stride: u32, pieces: u32 }
struct Piece { to: u32, place: u32, words: u32, start: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read_write> members: array<u32>;
@group(0) @binding(2) var<storage, read> pieces: array<Piece>;
@group(0) @binding(3) var<storage, read_write> compact: array<u32>;
fn placeOf(n: u32) -> u32 {
  var low = 0u;
  var high = sizes.pieces;
  while (high - low > 1u) {
    let middle = (low + high) / 2u;
    if (pieces[middle].to <= n) { low = middle; } else { high = middle; }
  }
  let piece = pieces[low];
  let word = n - piece.to + piece.start;
  return word / piece.words * sizes.stride + piece.place + word % piece.words;
}
@compute @workgroup_size(${THREADS}) fn gather(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x + id.y * sizes.row;
  if (n < sizes.total) { compact[n] = members[placeOf(n)]; }
}
@compute @workgroup_size(${THREADS}) fn scatter(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x + id.y * sizes.row;
  if (n < sizes.total) { members[placeOf(n)] = compact[n]; }
}
`;

/** Words that lie at the same place in the region of every member. */
export interface Stretch {
  /** Number of the first word within a region. */
  readonly place: number;
  /** Words of one member. */
  readonly words: number;
  /** This side's words of all members: those of one member, then those of the next. */
  readonly values: Uint32Array;
}

/** A part of a stretch, which begins with its word number `start` and is number `to` of what is moved at a time. */
interface Piece {
  readonly stretch: Stretch;
  readonly start: number;
  readonly words: number;
  readonly to: number;
}

const copies = new WeakMap<Device, Promise<WordCopy>>();

/** Moves values of all members between a page and this side. */
export class WordCopy {
  private constructor(
    private readonly device: Device,
    private readonly gather: GpuPipeline,
    private readonly scatter: GpuPipeline,
    private readonly desks: Desks,
  ) {}

  /** That of a device: all its programs share the buffers that values pass through. */
  static of(device: Device): Promise<WordCopy> {
    const known = copies.get(device);
    if (known) return known;
    const made = WordCopy.create(device);
    copies.set(device, made);
    made.catch(() => copies.delete(device));
    return made;
  }

  private static async create(device: Device): Promise<WordCopy> {
    const pipeline = (entryPoint: string) =>
      device.pipeline(`${entryPoint} of ${SHADER}`, () => {
        const module = device.gpu.createShaderModule({ code: SHADER, label: "word copy" });
        return device.answer(
          device.gpu.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint } }),
          "compiling a shader",
        );
      });
    return new WordCopy(device, await pipeline("gather"), await pipeline("scatter"), new Desks(device));
  }

  /** Copies stretches of a page's members to their arrays. */
  async read(page: GpuBuffer, strideBytes: number, stretches: readonly Stretch[]): Promise<void> {
    const parts = batchesOf(stretches).map((pieces) =>
      this.desks.use(4 * wordsOf(pieces), (desk) => this.bring(desk, page, strideBytes, pieces)),
    );
    await all(parts);
  }

  /** Copies stretches from their arrays to a page's members. */
  async write(page: GpuBuffer, strideBytes: number, stretches: readonly Stretch[]): Promise<void> {
    const { queue } = this.device.gpu;
    for (const pieces of batchesOf(stretches)) {
      await this.desks.use(4 * wordsOf(pieces), (desk) => {
        for (const { stretch, start, words, to } of pieces)
          queue.writeBuffer(desk.compact, 4 * to, bytesOf(stretch.values.subarray(start, start + words)));
        this.submit(this.scatter, desk, page, strideBytes, pieces);
      });
    }
  }

  private async bring(desk: Desk, page: GpuBuffer, strideBytes: number, pieces: readonly Piece[]): Promise<void> {
    const { landing } = desk;
    const bytes = 4 * wordsOf(pieces);
    this.submit(this.gather, desk, page, strideBytes, pieces, bytes);
    await this.device.answer(landing.mapAsync(MAP_READ, 0, bytes), "reading results");
    try {
      const landed = new Uint32Array(landing.getMappedRange(0, bytes));
      for (const { stretch, start, words, to } of pieces) stretch.values.set(landed.subarray(to, to + words), start);
    } finally {
      landing.unmap();
    }
  }

  /** @param landingBytes How much is copied on to where this side can read it. */
  private submit(
    pipeline: GpuPipeline,
    desk: Desk,
    page: GpuBuffer,
    strideBytes: number,
    pieces: readonly Piece[],
    landingBytes = 0,
  ): void {
    const { gpu, limits } = this.device;
    const total = wordsOf(pieces);
    const groups = Math.ceil(total / THREADS);
    const columns = Math.min(groups, limits.maxComputeWorkgroupsPerDimension);
    const sizes = Uint32Array.of(total, columns * THREADS, strideBytes / 4, pieces.length);
    gpu.queue.writeBuffer(desk.sizes, 0, bytesOf(sizes));
    const list = pieces.flatMap(({ stretch, start, to }) => [to, stretch.place, stretch.words, start]);
    gpu.queue.writeBuffer(desk.pieces, 0, bytesOf(Uint32Array.from(list)));
    const entries = [desk.sizes, page, desk.pieces, desk.compact].map((buffer, binding) => ({
      binding,
      resource: { buffer },
    }));
    const encoder = gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(columns, Math.ceil(groups / columns));
    pass.end();
    if (landingBytes > 0) encoder.copyBufferToBuffer(desk.compact, 0, desk.landing, 0, landingBytes);
    gpu.queue.submit([encoder.finish()]);
  }
}

/** What is moved at a time, in turn. */
function batchesOf(stretches: readonly Stretch[]): Piece[][] {
  const batches: Piece[][] = [];
  let used = MOST_WORDS;
  for (const stretch of stretches) {
    for (let start = 0; start < stretch.values.length;) {
      if (used === MOST_WORDS || batches.at(-1)!.length === MOST_PIECES) {
        batches.push([]);
        used = 0;
      }
      const words = Math.min(MOST_WORDS - used, stretch.values.length - start);
      batches.at(-1)!.push({ stretch, start, words, to: used });
      used += words;
      start += words;
    }
  }
  return batches;
}

const wordsOf = (pieces: readonly Piece[]): number => pieces.at(-1)!.to + pieces.at(-1)!.words;

export const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
