import type { Device } from "./device.js";
import { MAP_READ, USAGE } from "./gpu-types.js";

const THREADS = 128;

/** Tells in a word whether any thread is not where its number in the workgroup says. */
const SHADER = `
enable subgroups;
@group(0) @binding(0) var<storage, read_write> isElsewhere: atomic<u32>;
@compute @workgroup_size(${THREADS}) fn main(
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_invocation_id) lane: u32,
  @builtin(subgroup_size) size: u32,
) {
  let neighbour = subgroupShuffleXor(index, 1u);
  if (lane != index % size || neighbour != (index ^ 1u)) { atomicOr(&isElsewhere, 1u); }
}
`;

/**
 * How many neighbouring threads of a workgroup are always in one subgroup; 1 where the device has none, or numbers its threads
 * otherwise: WebGPU leaves it open which threads form a subgroup, so it is tried.
 *
 * @param smallest Size of the adapter's smallest subgroups.
 */
export async function subgroupSizeOf(device: Device, smallest: number): Promise<number> {
  if (!device.gpu.features.has("subgroups") || smallest < 2) return 1;
  try {
    return (await isLinear(device)) ? smallest : 1;
  } catch {
    return 1; // What else is wrong with the device shows where it is used.
  }
}

async function isLinear(device: Device): Promise<boolean> {
  const { gpu } = device;
  const module = gpu.createShaderModule({ code: SHADER, label: "subgroups" });
  const pipeline = await device.answer(
    gpu.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint: "main" } }),
    "compiling a shader",
  );
  const [answer] = await device.storage([4], "subgroups");
  const [landing] = await device.buffers([4], USAGE.mapRead | USAGE.copyTo, "subgroups");
  const entries = [{ binding: 0, resource: { buffer: answer! } }];
  const encoder = gpu.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(answer!, 0, landing!, 0, 4);
  gpu.queue.submit([encoder.finish()]);
  await device.answer(landing!.mapAsync(MAP_READ), "reading results");
  const [isElsewhere] = new Uint32Array(landing!.getMappedRange(0, 4).slice(0));
  landing!.unmap();
  for (const buffer of [answer!, landing!]) buffer.destroy();
  return isElsewhere === 0;
}
