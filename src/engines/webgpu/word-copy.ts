import type { Device } from "./device.js";
import { type GpuBuffer, type GpuPipeline, MAP_READ, USAGE } from "./gpu-types.js";

const THREADS = 64;

/** Copies the same words of all members to or from a buffer where they lie without gaps. */
const SHADER = `
struct Sizes { words: u32, stride: u32, total: u32, row: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read_write> members: array<u32>;
@group(0) @binding(2) var<storage, read> places: array<u32>;
@group(0) @binding(3) var<storage, read_write> compact: array<u32>;
@compute @workgroup_size(${THREADS}) fn gather(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x + id.y * sizes.row;
  if (n < sizes.total) { compact[n] = members[n / sizes.words * sizes.stride + places[n % sizes.words]]; }
}
@compute @workgroup_size(${THREADS}) fn scatter(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x + id.y * sizes.row;
  if (n < sizes.total) { members[n / sizes.words * sizes.stride + places[n % sizes.words]] = compact[n]; }
}
`;

/** Moves chosen words of all members between a page and a buffer without gaps. */
export class WordCopy {
  private constructor(
    private readonly device: Device,
    private readonly gather: GpuPipeline,
    private readonly scatter: GpuPipeline,
  ) {}

  static async create(device: Device): Promise<WordCopy> {
    const pipeline = (entryPoint: string) =>
      device.pipeline(`${entryPoint} of ${SHADER}`, () => {
        const module = device.gpu.createShaderModule({ code: SHADER, label: "word copy" });
        return device.answer(
          device.gpu.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint } }),
          "compiling a shader",
        );
      });
    return new WordCopy(device, await pipeline("gather"), await pipeline("scatter"));
  }

  /** Reads words (numbers within a member) of all members of a page; row by row. */
  async read(page: GpuBuffer, members: number, strideBytes: number, places: Uint32Array): Promise<ArrayBuffer> {
    const bytes = 4 * members * places.length;
    const [compact] = await this.device.storage([bytes], "results");
    const [landing] = await this.device.buffers([bytes], USAGE.mapRead | USAGE.copyTo, "results");
    const used = await this.dispatch(this.gather, page, compact!, members, strideBytes, places);
    const encoder = this.device.gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(compact!, 0, landing!, 0, bytes);
    this.device.gpu.queue.submit([encoder.finish()]);
    await this.device.answer(landing!.mapAsync(MAP_READ), "reading results");
    const copy = landing!.getMappedRange(0, bytes).slice(0);
    landing!.unmap();
    for (const buffer of [...used, compact!, landing!]) buffer.destroy();
    return copy;
  }

  /** Writes words of all members of a page. */
  async write(
    page: GpuBuffer,
    members: number,
    strideBytes: number,
    places: Uint32Array,
    values: Uint32Array,
  ): Promise<void> {
    const [compact] = await this.device.storage([values.byteLength], "inputs");
    this.device.gpu.queue.writeBuffer(compact!, 0, bytesOf(values));
    const used = await this.dispatch(this.scatter, page, compact!, members, strideBytes, places);
    for (const buffer of [...used, compact!]) buffer.destroy();
  }

  private async dispatch(
    pipeline: GpuPipeline,
    page: GpuBuffer,
    compact: GpuBuffer,
    members: number,
    strideBytes: number,
    places: Uint32Array,
  ): Promise<GpuBuffer[]> {
    const { gpu } = this.device;
    const total = members * places.length;
    const groups = Math.ceil(total / THREADS);
    const columns = Math.min(groups, this.device.limits.maxComputeWorkgroupsPerDimension);
    const [sizes] = await this.device.buffers([16], USAGE.uniform | USAGE.copyTo, "inputs");
    const [list] = await this.device.storage([places.byteLength], "inputs");
    gpu.queue.writeBuffer(sizes!, 0, bytesOf(Uint32Array.of(places.length, strideBytes / 4, total, columns * THREADS)));
    gpu.queue.writeBuffer(list!, 0, bytesOf(places));
    const entries = [sizes!, page, list!, compact].map((buffer, binding) => ({ binding, resource: { buffer } }));
    const bindings = gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    const encoder = gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(columns, Math.ceil(groups / columns));
    pass.end();
    gpu.queue.submit([encoder.finish()]);
    return [sizes!, list!];
  }
}

export const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
