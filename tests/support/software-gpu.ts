/**
 * A GPU for tests where there is none: SwiftShader, a software Vulkan driver that the npm package @sparticuz/chromium
 * carries. The machine's own GPU is used where PHASEBOOK_TEST_GPU=system says so.
 */
import { access, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { execFile } from "node:child_process";
import { systemGpu } from "../../src/engines/webgpu/adapters.js";
import type { Gpu } from "../../src/engines/webgpu/gpu-types.js";
import { fromRoot } from "./paths.js";

/** Of dlopen: resolve symbols now, and keep the library when Node finds that it is none of its addons. */
const [RTLD_NOW, RTLD_NODELETE] = [0x2, 0x1000];

/** WebGPU on SwiftShader; fails where neither it nor the system's GPU can be used, and says why. */
export async function testGpu(): Promise<Gpu> {
  if (process.env["PHASEBOOK_TEST_GPU"] !== "system") await useSoftwareDriver();
  return systemGpu();
}

/** What the environment of another process has to be for it to find SwiftShader. */
export async function softwareGpuEnvironment(): Promise<NodeJS.ProcessEnv> {
  const folder = await unpackedDriver();
  return { VK_DRIVER_FILES: join(folder, "vk_swiftshader_icd.json"), LD_LIBRARY_PATH: folder };
}

/** Makes the Vulkan loader of the npm package, and with it SwiftShader, the ones that this process finds. */
async function useSoftwareDriver(): Promise<void> {
  const folder = await unpackedDriver();
  process.env["VK_DRIVER_FILES"] = join(folder, "vk_swiftshader_icd.json");
  try {
    process.dlopen({ exports: {} }, join(folder, "libvulkan.so.1"), RTLD_NOW | RTLD_NODELETE);
  } catch {
    // It is no addon of Node, but it is loaded now.
  }
}

async function unpackedDriver(): Promise<string> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `@sparticuz/chromium has a software GPU for Linux on x64 only, this is ${process.platform} on ${process.arch}. ` +
        "Where there is a GPU, run the tests with PHASEBOOK_TEST_GPU=system.",
    );
  }
  const manifest = await readFile(fromRoot("node_modules/@sparticuz/chromium/package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const folder = fromRoot(`node_modules/.cache/phasebook/swiftshader-${version}`);
  const isThere = await access(join(folder, "libvulkan.so.1")).then(
    () => true,
    () => false,
  );
  if (isThere) return folder;
  const partial = `${folder}.${process.pid}`;
  await mkdir(partial, { recursive: true });
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", UNPACK], {
    cwd: fromRoot("."),
    env: { ...process.env, TMPDIR: partial },
  });
  await rename(partial, folder).catch(() => rm(partial, { recursive: true })); // another test was faster
  return folder;
}

const UNPACK = `
  import { fileURLToPath } from "node:url";
  import { inflate } from "@sparticuz/chromium";
  await inflate(fileURLToPath(new URL("../bin/swiftshader.tar.br", import.meta.resolve("@sparticuz/chromium"))));
`;
