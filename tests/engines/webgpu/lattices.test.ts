/** Lattices whose threads find neighbours around the edge where they lie: as in the reference. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Interpreter } from "../../../src/compile/reference.js";
import { WebgpuEngine } from "../../../src/engines/index.js";
import type { Shape, Tensor } from "../../../src/tensor/index.js";
import { LATTICE_STEPS, type LatticeStep, latticeProgram } from "../../compile/lattice-steps.js";
import { testGpu } from "../../support/software-gpu.js";

const SHAPES = [[7], [5, 8], [8, 16], [3, 4, 5]];

const engine = new WebgpuEngine({ gpu: testGpu, threads: 32 });
/** Of the buffers of a loop, some lie in workgroup memory and some do not. */
const engines = [1280, 2048, 3072].map(
  (bytes) => new WebgpuEngine({ gpu: testGpu, threads: 32, workgroupBytes: bytes }),
);
after(() => Promise.all([engine, ...engines].map((one) => one.dispose())));

for (const [name, step] of Object.entries(LATTICE_STEPS)) {
  test(name, () => agrees(engine, step, SHAPES));
  if (/loop|carry/.test(name))
    test(`${name}, with little workgroup memory`, async () => {
      for (const one of engines) await agrees(one, step, [[8, 16]]);
    });
}

async function agrees(on: WebgpuEngine, step: (x: Tensor) => LatticeStep, shapes: readonly Shape[]): Promise<void> {
  for (const shape of shapes) {
    const program = latticeProgram(shape, step);
    const start = Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.fround(Math.sin(i)));
    const loaded = await on.load(program, { members: 1 });
    loaded.write("x", start, 0);
    await loaded.run(2);
    await loaded.fetch();
    const reference = new Interpreter(program, { x: start }).run(2);
    for (const output of ["x", ...program.outputs.map((one) => one.name)])
      loaded.read(output, 0).forEach((value, i) => {
        const want = reference.read(output)[i]!;
        const message = `${output}[${i}] of [${shape.join()}]: ${value}, expected ${want}`;
        assert.ok(Math.abs(value - want) <= 2e-5 * (1 + Math.abs(want)), message);
      });
    loaded.dispose();
  }
}
