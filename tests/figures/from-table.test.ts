/** Tables as sources of figures: labels and units come along from a training, through an Arrow file, into the picture. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { desc } from "arquero";
import { grid, refine, table, train } from "../../src/ensemble/index.js";
import { fromTable, histogram, phaseDiagram } from "../../src/figures/index.js";
import { sgd } from "../../src/optimizers/index.js";
import { columnTexts, loadTable, saveTable } from "../../src/storage/index.js";
import { constant, type Tensor } from "../../src/tensor/index.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const radius = { label: "shell radius", unit: "fm" };
const energy = { label: "binding energy", unit: "MeV" };

const run = await train({
  members: grid({ radius: [1, 2, 3], seed: [0, 1] }, { radius }),
  steps: 4,
  init: () => ({ x: constant([1], [1]) }),
  loss: ({ x }, { radius: r }: { radius: Tensor }) => ({ loss: x.sub(r).square().sum(), energy: x.sum() }),
  optimizer: () => sgd({ learningRate: 0.1 }),
  columns: { energy },
}).finished;

const texts = (svg: string): string[] => Array.from(svg.matchAll(/<text[^>]*>([^<]*)</g), ([, content]) => content!);

test("tables of a training know labels and units, wherever their columns go", async () => {
  assert.deepEqual(columnTexts(run.table()), { radius, energy });
  assert.deepEqual(columnTexts(run.curveTable()), { radius, energy });
  const some = run
    .table()
    .filter("d => d.radius > 1")
    .orderby(desc("loss"))
    .rename({ energy: "E" })
    .select("radius", "E");
  assert.deepEqual(columnTexts(some), { radius, E: energy });
  assert.deepEqual(columnTexts(run.table().derive({ energy: "d => 2 * d.energy" })), { radius });
  const by = ({ grid: { values } }: typeof run) => Array.from(values.radius, (r) => (r < 2 ? "near" : "far"));
  assert.deepEqual(columnTexts((await refine(run, { over: ["radius"], by, levels: 1 })).table()), { radius, energy });
});

test("figures of a table that went through an Arrow file show labels, units and states", async (context) => {
  const path = join(await temporaryFolder(context), "run.arrow");
  await saveTable(run.table(), path);
  const source = fromTable(await loadTable(path), { hyperparameters: ["radius", "seed"] });
  assert.deepEqual([source.members, Array.from(source.states)], [6, Array.from(run.states)]);
  assert.deepEqual(
    source.columns.map(({ name, role }) => `${name} ${role}`),
    ["radius hyperparameter", "seed hyperparameter", "loss metric", "energy metric", "divergedAt metric"],
  );
  const diagram = { x: "radius", y: "seed", color: "energy" };
  const drawn = texts(phaseDiagram(source, diagram).toSVG());
  for (const text of ["shell radius (fm)", "binding energy (MeV)"]) assert.ok(drawn.includes(text), drawn.join("|"));
  const values = (of: typeof source | typeof run) => of.columns.find(({ name }) => name === "energy")!.values;
  assert.deepEqual(Array.from(values(source)), Array.from(values(run)));
  const renamed = fromTable(await loadTable(path), {
    hyperparameters: ["radius"],
    metrics: ["energy"],
    columns: { energy: { unit: "GeV" } },
  });
  assert.ok(texts(histogram(renamed, { columns: ["energy"] }).toSVG()).includes("binding energy (GeV)"));
});

test("texts are categories, missing values are missing, and rows are those of the filtered and sorted table", () => {
  const results = table({
    optimizer: ["sgd", "adam", "adam", "sgd"],
    width: [8, 8, 16, 16],
    error: [0.4, null, 0.2, 0.1],
    converged: [false, true, true, true],
    when: [0, 1, 2, 3].map((day) => new Date(day)),
    state: ["good", "bad", "bad", "good"],
  });
  const source = fromTable(results.orderby("width", desc("optimizer")), { hyperparameters: ["optimizer", "width"] });
  const column = (name: string) => source.columns.find((one) => one.name === name);
  assert.deepEqual(column("optimizer")?.categories, ["adam", "sgd"]);
  assert.deepEqual(Array.from(column("optimizer")!.values), [1, 0, 1, 0]);
  assert.deepEqual(Array.from(column("error")!.values), [0.4, NaN, 0.1, 0.2]);
  assert.deepEqual(Array.from(column("converged")!.values), [0, 1, 1, 1]);
  assert.deepEqual(column("state")?.categories, ["bad", "good"]);
  assert.equal(column("when"), undefined);
});

test("columns that are not there or cannot be drawn are refused by name", async (context) => {
  const results = table({ x: [1, 2], when: [new Date(0), new Date(1)], gap: [1, null] });
  const make = (hyperparameters: string[], metrics?: string[]) => () =>
    fromTable(results, { hyperparameters, ...(metrics && { metrics }) });
  assert.throws(make(["y"]), /^RangeError: fromTable: the table has no column "y"; there are "x", "when", "gap"\.$/);
  assert.throws(make(["x"], ["when"]), /^TypeError: fromTable: the column "when" holds neither numbers nor texts/);
  assert.throws(make(["gap"]), RangeError);
  const path = join(await temporaryFolder(context), "x.arrow");
  await assert.rejects(saveTable(results, path, { columns: { y: { unit: "m" } } }), /saveTable: columns has "y"/);
});
