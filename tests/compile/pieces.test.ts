/** Shifted lattices and joined rows that are read where they lie: what loops cut at parts' edges compute is the same. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { planProgram } from "../../src/compile/plan.js";
import { WORKGROUP } from "../../src/compile/target.js";
import { Interpreter } from "../../src/compile/reference.js";
import { explain } from "../../src/engines/index.js";
import type { Shape } from "../../src/tensor/index.js";
import { MODES } from "./case.js";
import { Compiled } from "./compiled.js";
import { LATTICE_STEPS, latticeProgram } from "./lattice-steps.js";

const SHAPES: readonly Shape[] = [[7], [2, 3], [5, 8], [16, 16], [3, 4, 5], [2, 3, 2, 3]];

for (const [name, step] of Object.entries(LATTICE_STEPS))
  for (const [mode, options] of MODES)
    test(`${name}${mode}`, () => {
      for (const shape of SHAPES) {
        const program = latticeProgram(shape, step);
        const compiled = new Compiled(program, options);
        const members = Array.from({ length: compiled.program.pack }, (_, member) => {
          const start = Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) =>
            Math.fround(Math.sin(i + member)),
          );
          compiled.write("x", start, member);
          return new Interpreter(program, { x: start }).run(2);
        });
        compiled.run(2);
        members.forEach((reference, member) => {
          for (const output of ["x", ...program.outputs.map((one) => one.name)])
            compiled.read(output, member).forEach((value, i) => {
              const want = reference.read(output)[i]!;
              const message = `${output}[${i}] of [${shape.join()}]: ${value}, expected ${want}`;
              assert.ok(Math.abs(value - want) <= 2e-5 * (1 + Math.abs(want)), message);
            });
        });
      }
    });

test("threads that compute single elements read shifted lattices where they lie", () => {
  const program = latticeProgram([16, 16], LATTICE_STEPS["neighbours in every direction"]!);
  const { fused } = planProgram(program, { vectorAxis: "elements" }, WORKGROUP);
  const holders = fused.kernels.filter(({ nodes }) => nodes.some(({ kind }) => kind === "assembly"));
  assert.deepEqual(
    holders.map(({ kind }) => kind),
    ["loop"],
  );
});

test("no shifted copies of a lattice are made", () => {
  const { kernels } = explain(latticeProgram([16, 16], LATTICE_STEPS["neighbours in every direction"]!));
  assert.deepEqual(
    kernels.filter(({ operations }) => operations === "assembly"),
    [],
  );
});
