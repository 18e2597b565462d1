import assert from "node:assert/strict";
import { test } from "node:test";
import { grid, latinHypercube, pick, product, refine, sobol, train, uniform, zip } from "../../src/ensemble/index.js";
import { type SourceColumn, type ViewOptions, figure, measurements, phaseDiagram } from "../../src/figures/index.js";
import { sgd } from "../../src/optimizers/index.js";
import type { FigurePayload } from "../../src/protocol.js";
import { constant, type Tensor } from "../../src/tensor/index.js";
import { FigureModel } from "../../views/figure-model.js";
import { toCSV } from "../../views/to-csv.js";
import { toSVG } from "../../views/to-svg.js";

const radius = { label: "shell radius", unit: "fm" };
const members = grid({ radius: [1, 2, 3], seed: [0, 1] }, { radius });

const training = (columns?: object) =>
  train({
    members,
    steps: 4,
    init: () => ({ x: constant([1], [1]) }),
    loss: ({ x }, { radius: r }: { radius: Tensor }) => ({ loss: x.sub(r).square().sum(), energy: x.sum() }),
    optimizer: () => sgd({ learningRate: 0.1 }),
    ...columns,
  });

const text = ({ columns }: { columns: readonly Pick<SourceColumn, "name" | "label" | "unit">[] }, name: string) => {
  const { label, unit } = columns.find((column) => column.name === name)!;
  return [label, unit];
};

/** The texts of a picture; long ones may be cut. */
const texts = (payload: FigurePayload): string[] =>
  Array.from(toSVG(payload).matchAll(/<text[^>]*>([^<]*)</g), ([, content]) => content!);

const VIEWS: ViewOptions[] = [
  { type: "phase-diagram", x: "radius", y: "seed", color: "energy" },
  { type: "curves", metric: "energy", color: "radius" },
  { type: "histogram", columns: ["energy"] },
];

test("what grid and train say of quantities is on all axes, in legends, read-outs and tables", async () => {
  const run = await training({ columns: { energy: { label: "binding energy", unit: "MeV" } } }).finished;
  const shown = figure(run, { views: VIEWS });
  shown.select([3]);
  const model = new FigureModel(shown.payload);
  const drawn = texts(shown.payload);
  const count = (name: string) => drawn.filter((drawnText) => drawnText === name).length;
  assert.equal(count("shell radius (fm)"), 2, "axis of the diagram, colour bar of the curves");
  assert.equal(
    count("binding energy (MeV)"),
    3,
    "colour bar of the diagram, axis of the curves, axis of the histogram",
  );
  assert.match(drawn.at(-1)!, /shell radius 2 fm · seed 1 · loss [\d.×⁻0-9]+ · binding energy [\d.]+ MeV/);
  assert.deepEqual(
    model.describe(5).map(({ label, value }) => `${label} ${value.replace(/[\d.]+/, "#")}`),
    ["shell radius # fm", "seed #", "loss #", "binding energy # MeV"],
  );
  assert.equal(toCSV(model).split("\r\n")[0], "member,state,radius (fm),seed,loss,energy (MeV)");
});

test("a share has the unit behind its bound, a spread behind its name", () => {
  const source = measurements(members, {
    metrics: { error: [1, 2, 3, 4, 5, 6] },
    columns: { error: { unit: "MeV" } },
  });
  const label = (options: object) =>
    texts(phaseDiagram(source, { x: "radius", y: "seed", color: "error", ...options }).payload);
  assert.ok(label({ aggregate: "share", share: { max: 2 } }).includes("share with error ≤ 2 MeV"));
  assert.ok(label({ aggregate: "share", share: { min: 1, max: 2 } }).includes("share with error in [1, 2] MeV"));
  assert.ok(label({ aggregate: "spread" }).includes("spread of error (MeV)"));
});

test("the upright axis of a diagram has the unit, and so has the value of each small multiple", () => {
  const cells = grid({ radius: [1, 2], mass: [90, 125], seed: [0, 1] }, { radius, mass: { unit: "GeV" } });
  const source = measurements(cells, { metrics: { error: [1, 2, 3, 4, 5, 6, 7, 8] } });
  const drawn = texts(phaseDiagram(source, { x: "seed", y: "radius", color: "error", facet: "mass" }).payload);
  assert.ok(drawn.includes("shell radius (fm)"), drawn.join("|"));
  for (const value of ["90 GeV", "125 GeV"])
    assert.ok(
      drawn.some((one) => one.endsWith(value)),
      drawn.join("|"),
    );
});

test("labels and units go along with members wherever these go", async () => {
  const seeds = grid({ seed: [0, 1] }, { seed: { label: "sample" } });
  const distances = zip({ radius: [1, 2] }, { radius });
  const both = product(distances, seeds);
  assert.deepEqual(both.columns, { radius, seed: { label: "sample" } });
  assert.deepEqual(pick(both, [1]).columns, both.columns);
  const range = { radius: uniform(1, 2) };
  for (const design of [sobol(range, 4, { columns: { radius } }), latinHypercube(range, 4, { columns: { radius } })])
    assert.deepEqual(design.columns, { radius });
  const run = await training().finished;
  assert.deepEqual(text(run.again(pick(members, [0])), "radius"), ["shell radius", "fm"]);
  assert.deepEqual(text(measurements(run.grid, {}), "radius"), ["shell radius", "fm"]);
  const by = ({ grid: { values } }: typeof run) => Array.from(values.radius, (r) => (r < 2 ? "near" : "far"));
  const refined = await refine(run, { over: ["radius"], by, levels: 1 });
  assert.ok(refined.members > run.members);
  assert.deepEqual(text(refined, "radius"), ["shell radius", "fm"]);
});

test("the nearer place wins: figure over training over grid, label and unit each for itself", () => {
  const run = training({ columns: { radius: { label: "distance" } } });
  run.stop();
  assert.deepEqual(text(run, "radius"), ["distance", "fm"]);
  const { payload } = figure(run, { views: [], columns: { radius: { unit: "10⁻¹⁵ m" }, loss: { label: "action" } } });
  assert.deepEqual(text(payload, "radius"), ["distance", "10⁻¹⁵ m"]);
  assert.deepEqual(text(payload, "loss"), ["action", undefined]);
  assert.deepEqual(text(measurements(members, { columns: { radius: { label: "R" } } }), "radius"), ["R", "fm"]);
});

test("labels of what is not there, and those that are no text, are refused by name", () => {
  const unknown = { mass: { unit: "GeV" } } as object;
  assert.throws(() => grid({ seed: [0] }, unknown), /^RangeError: grid: columns has "mass", but there are "seed"\.$/);
  assert.throws(
    () => training({ columns: unknown }),
    /train: columns has "mass", but there are "radius", "seed", "loss", "energy"/,
  );
  assert.throws(() => measurements(members, { columns: { mass: {} } }), /measurements: columns has "mass"/);
  assert.throws(
    () => figure(measurements(members, {}), { views: [], columns: { mass: {} } }),
    /figure: columns has "mass"/,
  );
  const odd = (columns: unknown) => () => grid({ seed: [0] }, columns as object);
  assert.throws(odd({ seed: "fm" }), /TypeError: grid: give "seed" as \{ label: "…", unit: "…" \}, got "fm"/);
  assert.throws(odd({ seed: null }), /TypeError: grid: give "seed" as .*, got null/);
  assert.throws(odd({ seed: { units: "fm" } }), /grid: "seed" has a "units"; columns have label and unit/);
  assert.throws(odd({ seed: { unit: "" } }), /grid: "seed": a unit is a text, got ""; leave it out/);
  assert.throws(odd({ seed: { unit: 3 } }), /TypeError: grid: "seed": a unit is a text, got 3/);
});
