/** Refinement around a boundary that is known: gradient descent on curvature · x² converges where rate · curvature < 1. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CpuEngine } from "../../src/engines/index.js";
import { grid, logspace, refine, seeds, train, type TrainingRun } from "../../src/ensemble/index.js";
import { Figure } from "../../src/figures/index.js";
import { sgd } from "../../src/optimizers/index.js";
import { scalar } from "../../src/tensor/index.js";

const engine = new CpuEngine({ threads: 1 });
after(() => engine.dispose());

const descent = (rates: number[], curvatures: number[], seedCount = 1) =>
  train({
    members: grid({ rate: rates, curvature: curvatures, seed: seeds(seedCount) }),
    init: () => scalar(1),
    loss: (x, { curvature }) => x.square().mul(curvature),
    optimizer: ({ rate }) => sgd({ learningRate: rate }),
    steps: 100,
    points: 1,
    engine,
  });

type Descent = ReturnType<typeof descent>;

/** Whether the loss went down: its first value is the curvature. */
const phases = (run: TrainingRun<unknown, "rate" | "curvature" | "seed">) => {
  const [loss, curvature] = ["loss", "curvature"].map((name) => run.columns.find((column) => column.name === name)!);
  return Array.from(loss!.values, (value, member) => (value < curvature!.values[member]! ? "falls" : "grows"));
};

const coarse = () => descent(logspace(0.11, 9, 5), logspace(0.11, 9, 5));

test("a boundary is found with an eighth of the full grid's runs, and as exactly", async () => {
  const refined = await refine(coarse(), { over: ["rate", "curvature"], by: phases, levels: 4 });
  const fine = logspace(0.11, 9, 65);
  const full = await descent(fine, fine).finished;
  assert.equal(full.members, 4225);
  assert.ok(refined.members < full.members / 8, `${refined.members} runs`);
  assert.ok(refined.complete);
  // Every box holds the boundary, and is one step of the fine grid wide.
  const step = (9 / 0.11) ** (1 / 64);
  for (const { low, high, phases: both } of refined.boundaries) {
    assert.ok(low["rate"]! * low["curvature"]! < 1 && high["rate"]! * high["curvature"]! > 1);
    assert.ok(Math.abs(high["rate"]! / low["rate"]! / step - 1) < 1e-9);
    assert.deepEqual([...both].sort(), ["falls", "grows"]);
  }
  // Where the full grid sees a boundary between two neighbours, there is a box.
  const boxes = new Set(
    refined.boundaries.map(({ low }) => [low["rate"]!, low["curvature"]!].map((x) => place(x, fine)).join()),
  );
  const fullPhases = phases(full);
  for (let i = 0; i < 64; i++) {
    for (let j = 0; j < 64; j++) {
      const corners = [0, 1, 65, 66].map((offset) => fullPhases[65 * i + j + offset]!);
      assert.equal(boxes.has(`${i},${j}`), new Set(corners).size > 1, `box ${i}, ${j}`);
    }
  }
});

const place = (x: number, axis: readonly number[]) => axis.findIndex((value) => Math.abs(value / x - 1) < 1e-9);

test("seeds are repeated at every point, and the table and a figure hold all members", async () => {
  const runs: number[] = [];
  const refined = await refine(descent(logspace(0.11, 9, 3), logspace(0.11, 9, 3), 2), {
    over: ["rate", "curvature"],
    by: phases,
    levels: 2,
    onRun: (run) => runs.push(run.members),
  });
  assert.equal(refined.members, 18 + runs.reduce((a, b) => a + b));
  assert.ok(runs.length >= 2 && runs.every((members) => members % 2 === 0));
  const table = refined.table();
  assert.equal(table.numRows(), refined.members);
  assert.deepEqual(new Set(table.array("phase")), new Set(["falls", "grows"]));
  assert.deepEqual([...table.array("member")].slice(-1), [refined.members - 1]);
  const figure = new Figure(refined, {
    views: [
      { type: "phase-diagram", x: "rate", y: "curvature", color: "phase" },
      { type: "curves", metric: "loss" },
    ],
  });
  assert.match(figure.toSVG(), /falls/);
  figure.close();
});

test("a budget is kept, and what it leaves open is said", async () => {
  const run = coarse();
  const refined = await refine(run, { over: ["rate", "curvature"], by: phases, levels: 5, budget: 60 });
  assert.ok(refined.members <= 25 + 60 && refined.members > 25 + 40, `${refined.members} members`);
  assert.equal(refined.complete, false);
  assert.ok(refined.boundaries.length > 0);
});

test("one axis is bisected", async () => {
  const run = descent([0.1, 5], [1]);
  await assert.rejects(refine(run, { over: ["rate", "curvature"], by: phases }), /two or more values along every axis/);
  const refined = await refine(run, { over: ["rate"], by: phases, levels: 10 });
  assert.equal(refined.members, 2 + 10);
  const [{ low, high }] = refined.boundaries as [(typeof refined.boundaries)[0]];
  assert.ok(low["rate"]! < 1 && high["rate"]! > 1 && high["rate"]! / low["rate"]! < 1.004);
});

test("misuse is refused by name", async () => {
  const run: Descent = coarse();
  const refused = (options: object, message: RegExp) =>
    assert.rejects(refine(run, { over: ["rate", "curvature"], by: phases, ...options }), message);
  await refused({ levels: 0 }, /levels is a positive integer, got 0/);
  await refused({ budget: NaN }, /the budget is not negative, got NaN/);
  await refused({ over: ["width"] }, /over takes one to three of rate, curvature, seed, got width/);
  await refused({ over: [] }, /got none/);
  await refused({ by: () => ["falls"] }, /by gave 1 phases for 25 members/);
});
