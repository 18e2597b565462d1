/** `npm run bench -- NAME [CASE ...] [--json FILE]`: measures Phasebook beside a peer in the same run. */
import { parseArgs } from "node:util";
import { ensembles } from "./ensembles/index.js";
import { gpu } from "./gpu/index.js";
import { hmc } from "./hmc.js";
import { kernel } from "./kernel.js";
import { type BenchResult, report } from "./report.js";
import { scaling } from "./scaling/index.js";
import { widget } from "./widget/index.js";

const BENCHES: Record<string, (only: readonly string[]) => Promise<BenchResult>> = {
  gpu,
  ensembles,
  hmc,
  kernel,
  scaling,
  widget,
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: "string" } } });
const [name = "", ...only] = positionals;
const bench = BENCHES[name];
if (bench) {
  report(name, await bench(only), values.json, only.length > 0);
} else {
  console.error(`npm run bench -- NAME [CASE ...] [--json FILE], with NAME one of: ${Object.keys(BENCHES).join(", ")}`);
  process.exitCode = 2;
}
