/** What `explain` says of a program: operations and memory that can be counted by hand. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { explain } from "../../src/engines/index.js";
import { DISPLAY_METHOD } from "../../src/protocol.js";
import { input, scan, type Tensor } from "../../src/tensor/index.js";
import { adamTraining } from "../compile/networks.js";

test("counts a matrix product, its bytes and a member's memory", () => {
  const [a, b] = [input("a", [32, 16]), input("b", [16, 8])];
  const program = {
    inputs: [
      { name: "a", tensor: a, scope: "shared" as const },
      { name: "b", tensor: b, scope: "member" as const },
    ],
    updates: [],
    outputs: [{ name: "c", value: a.matmul(b).add(1) }],
  };
  const explanation = explain(program);
  const matmul = explanation.kernels.find(({ operations }) => operations === "matmul, add");
  assert.ok(matmul, explanation.toString());
  assert.equal(matmul.flops, 2 * 32 * 16 * 8 + 32 * 8);
  const floats = 4 * (16 * 8 + 32 * 8);
  assert.ok(explanation.memberBytes >= floats && explanation.memberBytes <= floats + 64, `${explanation.memberBytes}`);
  assert.ok(explanation.sharedBytes >= 4 * 32 * 16 && explanation.sharedBytes <= 4 * 32 * 16 + 64);
});

test("tells every pass's effect on a training step", () => {
  const { program } = adamTraining({ widths: [3, 64, 2, 64, 3], batch: 128, data: "sphere" });
  const { passes, kernels, flopsPerStep } = explain(program);
  assert.deepEqual(
    passes.map(({ pass }) => pass),
    ["trace", "simplify", "vectorize", "lay out", "fuse", "schedule", "place", "divide"],
  );
  const effects = Object.fromEntries(passes.map(({ pass, effect }) => [pass, effect]));
  assert.match(effects["vectorize"]!, /a member's own axes: \d\d % of the work are matrix products/);
  assert.match(effects["lay out"]!, /an axis of 128 is worked off in blocks/);
  assert.match(effects["schedule"]!, /(\d+) of \1 states updated in place/);
  assert.ok(kernels.filter(({ repeated }) => repeated === "block by block").length >= 8);
  const products = 2 * 128 * (3 * (3 * 64 + 64 * 2 + 2 * 64 + 64 * 3) - 3 * 64);
  assert.ok(flopsPerStep > products && flopsPerStep < 2 * products, `${flopsPerStep}, products alone ${products}`);
});

test("counts the body of a loop as often as it runs", () => {
  const x = input("x", [4, 4]);
  const { carry } = scan((y: Tensor) => ({ carry: y.matmul(x) }), x, undefined, { length: 5 });
  const program = {
    inputs: [{ name: "x", tensor: x, scope: "member" as const }],
    updates: [],
    outputs: [{ name: "y", value: carry }],
  };
  const { kernels, flopsPerStep } = explain(program);
  assert.equal(flopsPerStep, 5 * 2 * 4 ** 3);
  assert.equal(kernels.find(({ operations }) => operations === "matmul")?.repeated, "× 5");
});

test("says that vectors run along members, and counts what one of them costs", () => {
  const x = input("x", [16, 16]);
  const program = {
    inputs: [{ name: "x", tensor: x, scope: "member" as const }],
    updates: [{ input: "x", value: x.roll(1).add(x).mul(0.5) }],
    outputs: [{ name: "sum", value: x.sum() }],
  };
  const { passes, flopsPerStep } = explain(program);
  const effect = passes.find(({ pass }) => pass === "vectorize")?.effect;
  assert.match(effect!, /vectors run along members, 4 at once/);
  assert.equal(flopsPerStep, 3 * 16 ** 2);
});

test("is tables in a notebook and text elsewhere, whatever inputs are called", () => {
  const x = input("<b>x</b>", [8]);
  const program = {
    inputs: [{ name: "<b>x</b>", tensor: x, scope: "member" as const }],
    updates: [{ input: "<b>x</b>", value: x.tanh() }],
    outputs: [],
  };
  const explanation = explain(program);
  const bundle = explanation[DISPLAY_METHOD]();
  const html = explanation.toHTML();
  assert.equal(bundle["text/html"], html);
  assert.equal(html.match(/<table/g)?.length, 2);
  assert.match(html, /<td[^>]*>tanh<\/td>/);
  assert.doesNotMatch(html, /<b>x/);
  assert.equal(bundle["text/plain"], explanation.toString());
  assert.equal(inspect(explanation), explanation.toString());
  assert.match(explanation.toString(), /memory: 36 B a member/);
});

test("tells when threads share a member, and why", () => {
  const division = (width: number, options: { members?: number; threads: number }): string => {
    const { program } = adamTraining({ widths: [8, width, 8], batch: 128, data: "shared" });
    return explain(program, options).passes.find(({ pass }) => pass === "divide")!.effect;
  };
  assert.match(division(600, { members: 1, threads: 2 }), /^wide: .* as members are fewer than the 2 threads$/);
  assert.match(division(600, { members: 2, threads: 2 }), /^fused: .* as there are 2 members for 2 threads$/);
  assert.match(division(600, { members: 1, threads: 1 }), /^fused: .* as there is one thread$/);
  assert.match(division(16, { members: 1, threads: 2 }), /^fused: .* as a step is short$/);
  assert.match(division(40_000, { threads: 2 }), /^wide: .* as a layer has 320000 elements$/);
});
