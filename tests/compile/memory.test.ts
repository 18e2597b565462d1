/** How much memory a training takes: a member's own, and a thread's scratch. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { planProgram } from "../../src/compile/plan.js";
import { sizeOf } from "../../src/tensor/shape.js";
import { input } from "../../src/tensor/tensor.js";
import { Compiled } from "./compiled.js";
import { adamTraining } from "./networks.js";

const NETWORKS = [
  { widths: [3, 64, 2, 64, 3], batch: 128 },
  { widths: [3, 32, 2, 32, 3], batch: 64 },
  { widths: [2, 64, 64, 1], batch: 128 },
  { widths: [8, 100, 100, 100, 100, 100, 1], batch: 128 },
  { widths: [3, 64, 64, 2, 64, 64, 3], batch: 128 },
];
const CACHE_LINE = 64;

for (const { widths, batch } of NETWORKS) {
  const { program } = adamTraining({ widths, batch, data: "shared" });
  const { memory } = planProgram(program);
  const name = `${widths.join("-")}, batch ${batch}`;

  test(`keeps little more for a member than parameters, moments and state: ${name}`, () => {
    const state = program.updates.reduce((sum, { value }) => sum + 4 * sizeOf(value.shape), 0);
    const taken = Math.ceil(memory.memberBytes / CACHE_LINE) * CACHE_LINE;
    assert.ok(taken <= 1.05 * state, `${taken} bytes for ${state}`);
  });

  test(`takes no more scratch than twice what has to live at once: ${name}`, () => {
    const layers = widths.slice(1);
    const activations = layers.reduce((sum, width) => sum + batch * width, 0);
    const largestGradient = batch * Math.max(...layers);
    const largestUpdate = Math.max(...layers.map((width, l) => width * widths[l]!));
    const live = 4 * (activations + largestGradient + largestUpdate);
    assert.ok(memory.arenaBytes <= 2 * live, `${memory.arenaBytes} bytes for ${live}`);
  });
}

test("packs a member's single numbers, and none writes over its neighbours", () => {
  const names = Array.from({ length: 11 }, (_, i) => `x${i}`);
  const numbers = names.map((name) => input(name, [], "f32"));
  const program = {
    inputs: names.map((name, i) => ({ name, tensor: numbers[i]!, scope: "member" as const })),
    updates: names.slice(1).map((name, i) => ({ input: name, value: numbers[i]!.mul(2).add(numbers[i + 1]!) })),
    outputs: [{ name: "sum", value: numbers.reduce((sum, number) => sum.add(number)) }],
  };
  const compiled = new Compiled(program, { vectorAxis: "elements" });
  const vector = 16;
  assert.ok(compiled.program.memberBytes <= 2 * 32 + vector, `${compiled.program.memberBytes} bytes`);
  names.forEach((name, i) => compiled.write(name, [i]));
  compiled.run();
  assert.deepEqual(
    names.map((name) => compiled.read(name)[0]),
    names.map((_, i) => (i === 0 ? 0 : 2 * (i - 1) + i)),
  );
  assert.deepEqual(compiled.read("sum"), [55]);
});
