import { systemGpu } from "../../src/engines/webgpu/adapters.js";
import { Device } from "../../src/engines/webgpu/device.js";
import { DispatchClock } from "../../src/engines/webgpu/dispatch-clock.js";

/** Chains of multiply-adds in a thread that do not wait for one another. */
const CHAINS = 16;
const THREADS = 256;
const REPETITIONS = 5;

const shader = (length: number): string => {
  const chains = Array.from({ length: CHAINS }, (_, i) => `a${i}`);
  return `
@group(0) @binding(0) var<storage, read_write> sums: array<f32>;
@compute @workgroup_size(${THREADS}) fn main(@builtin(global_invocation_id) id: vec3u) {
  ${chains.map((a, i) => `var ${a} = f32(id.x) + ${i}.0;`).join(" ")}
  for (var i = 0u; i < ${length}u; i++) { ${chains.map((a) => `${a} = fma(${a}, 0.999, 0.001);`).join(" ")} }
  sums[id.x] = ${chains.join(" + ")};
}`;
};

/** GFLOP/s of multiply-adds that wait for nothing but registers: what can be had of the adapter's FP32 peak. */
export async function peakGigaflops(): Promise<number> {
  const device = await Device.open(await systemGpu());
  const { gpu, adapter } = device;
  const [groups, length] = adapter.software ? [4, 1024] : [8192, 16384];
  const module = gpu.createShaderModule({ code: shader(length), label: "multiply-adds" });
  const pipeline = await gpu.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint: "main" } });
  const [sums] = await device.storage([4 * groups * THREADS], "sums");
  const entries = [{ binding: 0, resource: { buffer: sums! } }];
  const bindings = gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const clock = await DispatchClock.create(device);
  let best = Infinity;
  for (let i = 0; i < REPETITIONS; i++) {
    const encoder = gpu.createCommandEncoder();
    const time = clock?.next();
    const pass = encoder.beginComputePass(time && { timestampWrites: time.timestampWrites });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(groups);
    pass.end();
    time?.collect(encoder);
    const before = performance.now();
    gpu.queue.submit([encoder.finish()]);
    await gpu.queue.onSubmittedWorkDone();
    best = Math.min(best, (await time?.seconds()) ?? (performance.now() - before) / 1000);
  }
  device.destroy();
  return (2 * CHAINS * length * groups * THREADS) / best / 1e9;
}
