import { NoGpuError } from "./errors.js";
import type { Gpu, GpuAdapter } from "./gpu-types.js";

/** What is known of an adapter, for people and for results. */
export interface AdapterDescription {
  readonly vendor: string;
  readonly name: string;
  readonly driver: string;
  /** Made of software: for tests, never chosen automatically. */
  readonly software: boolean;
  /** Bytes of memory that the threads of a workgroup share. */
  readonly workgroupBytes: number;
  /** Bytes of the largest buffer. */
  readonly bufferBytes: number;
  readonly threads: number;
  readonly subgroups: boolean;
  readonly float16: boolean;
}

export interface FoundAdapter {
  readonly adapter: GpuAdapter;
  readonly description: AdapterDescription;
}

/** An instance of Dawn that is collected as garbage aborts the process: it is kept for the life of the process. */
let instance: Promise<Gpu> | undefined;

/** Dawn's implementation of WebGPU from the npm package `webgpu`, loaded at the first call. */
export function systemGpu(): Promise<Gpu> {
  return (instance ??= loadDawn());
}

/** TypeScript resolves no module whose name it does not know: the package is optional while running. */
const PACKAGE: string = "webgpu";

/**
 * Generated shaders stay within their buffers: the compiler knows all extents, and clamps what a program computes an index
 * from. Checks of each access took a quarter of a step's time on an NVIDIA H200.
 */
const DAWN_OPTIONS = ["enable-dawn-features=disable_robustness"];

async function loadDawn(): Promise<Gpu> {
  if (process.platform === "linux") requireVulkan();
  try {
    const { create } = (await import(PACKAGE)) as { create: (options: string[]) => Gpu };
    return create(DAWN_OPTIONS);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new NoGpuError(
      `The npm package "webgpu" cannot be loaded: ${reason}. Install it again with \`npm install webgpu\`.`,
    );
  }
}

/** Where Vulkan's loader is missing, Dawn says so on stderr, which is for what cells write. */
function requireVulkan(): void {
  try {
    process.dlopen({ exports: {} }, VULKAN);
  } catch (error) {
    if (!String(error).includes("cannot open shared object file")) return; // It is there, and no addon of Node.
    throw new NoGpuError(`Vulkan is not installed (${VULKAN}): no GPU can be used. Install the GPU's driver.`);
  }
}

const VULKAN = "libvulkan.so.1";

/** All different adapters, the fastest first. */
export async function findAdapters(gpu: Gpu): Promise<FoundAdapter[]> {
  const found = new Map<string, FoundAdapter>();
  const wishes = [
    { powerPreference: "high-performance" },
    { powerPreference: "low-power" },
    { forceFallbackAdapter: true },
  ] as const;
  for (const wish of wishes) {
    const adapter = await gpu.requestAdapter(wish);
    if (!adapter) continue;
    const description = describeAdapter(adapter);
    const key = `${description.vendor} ${description.name} ${description.driver}`;
    if (!found.has(key)) found.set(key, { adapter, description });
  }
  return [...found.values()].sort((a, b) => Number(a.description.software) - Number(b.description.software));
}

function describeAdapter({ info, limits, features }: GpuAdapter): AdapterDescription {
  return {
    vendor: info.vendor,
    name: info.device || info.architecture,
    driver: info.description,
    software: info.isFallbackAdapter === true,
    workgroupBytes: limits.maxComputeWorkgroupStorageSize,
    bufferBytes: Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize),
    threads: limits.maxComputeInvocationsPerWorkgroup,
    subgroups: features.has("subgroups"),
    float16: features.has("shader-f16"),
  };
}

/** One line: vendor, name, driver and limits. */
export function showAdapter(adapter: AdapterDescription): string {
  const { vendor, name, driver, workgroupBytes, bufferBytes, threads, software } = adapter;
  const limits = `${workgroupBytes / 1024} KiB for ${threads} threads, buffers of ${Math.round(bufferBytes / 2 ** 20)} MiB`;
  return `${[vendor, name].filter(Boolean).join(" ")} (${[driver, software ? "software" : ""].filter(Boolean).join(", ")}), ${limits}`;
}
