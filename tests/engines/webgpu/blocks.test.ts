/** Batches that a workgroup works off in blocks: networks of random layers, as in the reference. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Interpreter } from "../../../src/compile/reference.js";
import { WebgpuEngine } from "../../../src/engines/index.js";
import type { WebgpuProgram } from "../../../src/engines/webgpu/webgpu-program.js";
import { largestValue, randomNetwork } from "../../compile/random-network.js";
import { testGpu } from "../../support/software-gpu.js";

const BATCH = 24;
const BLOCK = 8;
/** Memory for all, and for little more than a block; with subgroups, where the device has them, and without. */
const MACHINES = [{ workgroupBytes: 16384 }, { workgroupBytes: 5120, subgroupSize: 1 }];
const SEEDS = (process.env["PHASEBOOK_TEST_SEEDS"] ?? "2,5,16").split(",").map(Number);

const engines = MACHINES.map((machine) => new WebgpuEngine({ gpu: testGpu, threads: 64, block: BLOCK, ...machine }));
after(() => Promise.all(engines.map((engine) => engine.dispose())));

for (const seed of SEEDS) {
  test(`random network ${seed}, block by block`, async (context) => {
    const { program, start } = randomNetwork(seed, BATCH);
    if (largestValue(program, start) > 1000) return context.skip("its values cancel");
    const loaded = (await engines[seed % 2]!.load(program, { members: 1 })) as WebgpuProgram;
    for (const [name, values] of Object.entries(start)) loaded.write(name, values, 0);
    await loaded.run(1);
    await loaded.fetch();
    context.diagnostic(`block ${loaded.program.block}, ${JSON.stringify(loaded.program.work)}`);
    const reference = new Interpreter(program, start).run(1);
    for (const name of ["loss", ...program.updates.map((update) => update.input)]) {
      const expected = reference.read(name);
      loaded.read(name, 0).forEach((value, i) => {
        const error = Math.abs(value - expected[i]!) / (1 + Math.abs(expected[i]!));
        assert.ok(error < 1e-4, `network ${seed}, ${name}[${i}]: ${value}, expected ${expected[i]}`);
      });
    }
    loaded.dispose();
  });
}
