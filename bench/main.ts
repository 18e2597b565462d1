/** `npm run bench -- NAME [CASE ...] [--json FILE]`: measures Phasebook beside a peer in the same run. */
import { parseArgs } from "node:util";
import { type BenchResult, report } from "./report.js";

/** Each needs its own peers only: a machine with a GPU may have no browser. */
const BENCHES: Record<string, () => Promise<(only: readonly string[]) => Promise<BenchResult>>> = {
  gpu: async () => (await import("./gpu/index.js")).gpu,
  "gpu-host": async () => (await import("./gpu/host.js")).gpuHost,
  ensembles: async () => (await import("./ensembles/index.js")).ensembles,
  hmc: async () => (await import("./hmc.js")).hmc,
  kernel: async () => (await import("./kernel.js")).kernel,
  shaders: async () => (await import("./gpu/shaders.js")).shaders,
  scaling: async () => (await import("./scaling/index.js")).scaling,
  widget: async () => (await import("./widget/index.js")).widget,
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: "string" } } });
const [name = "", ...only] = positionals;
const load = BENCHES[name];
if (load) {
  const bench = await load();
  report(name, await bench(only), values.json, only.length > 0);
} else {
  console.error(`npm run bench -- NAME [CASE ...] [--json FILE], with NAME one of: ${Object.keys(BENCHES).join(", ")}`);
  process.exitCode = 2;
}
