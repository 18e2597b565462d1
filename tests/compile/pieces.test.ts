/** Shifted lattices and joined rows that are read where they lie: what loops cut at parts' edges compute is the same. */
import { test } from "node:test";
import assert from "node:assert/strict";
import { planProgram } from "../../src/compile/plan.js";
import { WORKGROUP } from "../../src/compile/target.js";
import { Interpreter } from "../../src/compile/reference.js";
import { explain } from "../../src/engines/index.js";
import { input, type Program, scan, type Shape, type Tensor } from "../../src/tensor/index.js";
import { MODES } from "./case.js";
import { Compiled } from "./compiled.js";

const neighbours = (x: Tensor): Tensor =>
  x.shape
    .flatMap((_, axis) => [x.roll(1, axis), x.roll(-1, axis)])
    .reduce((sum, neighbour, i) => sum.add(neighbour.mul(i + 1)));

/** A state with its next value and what is recorded. */
interface Step {
  readonly next: Tensor;
  readonly recorded: Readonly<Record<string, Tensor>>;
}

const STEPS: Readonly<Record<string, (x: Tensor) => Step>> = {
  "neighbours in every direction": (x) => ({ next: neighbours(x).mul(0.05).add(x), recorded: { x: neighbours(x) } }),
  "sums over all sites, rows and columns": (x) => {
    const bonds = x.mul(x.roll(-1, 0)).add(x.roll(2, x.rank - 1));
    return { next: x.mul(0.9), recorded: { all: bonds.sum(), rows: bonds.sum([0]), columns: bonds.max(x.rank - 1) } };
  },
  "a loop whose carry is shifted": (x) => ({
    next: scan((y: Tensor) => ({ carry: y.roll(1).mul(0.5).add(y) }), x, undefined, { length: 4 }).carry,
    recorded: {},
  }),
  "the same half twice": (x) => {
    const rows = (count: number) =>
      x.slice(
        x.shape.map(() => 0),
        x.shape.with(0, count),
      );
    const [half, rest] = [rows(1), rows(x.shape[0]! - 1)];
    return { next: half.concat([rest]).add(x), recorded: { twice: rest.concat([half]).mul(x) } };
  },
  "shifts by more than there is room for": (x) => ({
    next: Array.from({ length: 9 }, (_, i) => x.roll(i, 0).mul(x.roll(i, x.rank - 1))).reduce((sum, y) => sum.add(y)),
    recorded: {},
  }),
};

function programOf(shape: Shape, step: (x: Tensor) => Step): Program {
  const x = input("x", shape);
  const { next, recorded } = step(x);
  return {
    inputs: [{ name: "x", tensor: x, scope: "member" }],
    updates: [{ input: "x", value: next }],
    outputs: Object.entries(recorded).map(([name, value]) => ({ name, value })),
  };
}

const SHAPES: readonly Shape[] = [[7], [2, 3], [5, 8], [16, 16], [3, 4, 5], [2, 3, 2, 3]];

for (const [name, step] of Object.entries(STEPS))
  for (const [mode, options] of MODES)
    test(`${name}${mode}`, () => {
      for (const shape of SHAPES) {
        const program = programOf(shape, step);
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

test("shifted copies are made for threads that compute single elements", () => {
  const program = programOf([16, 16], STEPS["neighbours in every direction"]!);
  const { fused } = planProgram(program, { vectorAxis: "elements" }, WORKGROUP);
  const holders = fused.kernels.filter(({ nodes }) => nodes.some(({ kind }) => kind === "assembly"));
  assert.deepEqual(
    holders.map(({ kind }) => kind),
    ["assembly", "assembly", "assembly", "assembly"],
  );
});

test("no shifted copies of a lattice are made", () => {
  const { kernels } = explain(programOf([16, 16], STEPS["neighbours in every direction"]!));
  assert.deepEqual(
    kernels.filter(({ operations }) => operations === "assembly"),
    [],
  );
});
