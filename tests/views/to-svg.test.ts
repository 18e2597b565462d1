import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { figure } from "../../src/figures/index.js";
import type { FigurePayload } from "../../src/protocol.js";
import { FigureModel } from "../../views/figure-model.js";
import { paletteColors } from "../../views/palette.js";
import { PayloadError } from "../../views/payload.js";
import { gridAxis } from "../../views/phase-axis.js";
import { phaseCells } from "../../views/phase-cells.js";
import { PhaseGrid, cellContents } from "../../views/phase-grid.js";
import { toSVG } from "../../views/to-svg.js";
import { SampleEnsemble, sampleFigure } from "../figures/sample.js";
import { fromRoot } from "../support/paths.js";

const PLOT = { x: 0, y: 0, width: 240, height: 160 };

/** The phase diagram's grids, each over the whole of PLOT. */
function gridsOf(model: FigureModel, toScale = false): PhaseGrid[] {
  const view = model.views[0];
  assert.ok(view?.type === "phase-diagram");
  const cells = phaseCells(model, view);
  const x = gridAxis(model.column(view.x), cells.x, [PLOT.x, PLOT.x + PLOT.width], { spacing: 34, toScale });
  const y = gridAxis(model.column(view.y), cells.y, [PLOT.y + PLOT.height, PLOT.y], { spacing: 16, toScale });
  return cells.facets.map((facet) => new PhaseGrid(facet, x, y, PLOT, cellContents(facet, model, view)));
}

function firstGrid(model: FigureModel): PhaseGrid {
  const [grid] = gridsOf(model);
  assert.ok(grid);
  return grid;
}

function phaseModel(): { model: FigureModel; grid: PhaseGrid; payload: FigurePayload } {
  const source = new SampleEnsemble().advance(1000);
  const { payload } = figure(source, {
    views: [{ type: "phase-diagram", x: "learningRate", y: "seed", color: "loss" }],
  });
  const model = new FigureModel(payload);
  return { model, grid: firstGrid(model), payload };
}

test("a grid of log-spaced rates and integer seeds has equal cells in the right places", () => {
  const { grid } = phaseModel();
  assert.equal(grid.count, 96);
  for (const { rect, column, row } of Array.from({ length: 96 }, (_, index) => grid.cell(index))) {
    assert.ok(Math.abs(rect.x - 20 * column) < 1e-9 && Math.abs(rect.width - 20) < 1e-9);
    assert.ok(Math.abs(rect.y - (140 - 20 * row)) < 1e-9 && Math.abs(rect.height - 20) < 1e-9);
  }
  // Member = rate · 8 + seed; the pixel is 5 right and 5 down of the cell's corner.
  assert.deepEqual(grid.hit(20 * 7 + 5, 160 - 20 * 3 - 15)?.members, [7 * 8 + 3]);
  assert.equal(grid.hit(-1, 10), undefined);
  const decades = grid.x.ticks.filter((tick) => tick.label).map((tick) => [tick.label, Math.round(tick.position)]);
  // 10^-4 is the middle of the first cell, and a decade spans 11 cells / 2.5.
  assert.deepEqual(decades, [
    ["10⁻⁴", 10],
    ["10⁻³", 98],
    ["10⁻²", 186],
  ]);
  assert.deepEqual(
    grid.y.ticks.map((tick) => tick.label),
    ["0", "1", "2", "3", "4", "5", "6", "7"],
  );
});

test("cells have the colours of their values; a diverged one has a cross instead", () => {
  const { payload, model } = phaseModel();
  const svg = toSVG(payload);
  const losses = model.values("loss");
  const finite = [...losses].filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  for (const member of [0, 17, 61]) {
    const t = Math.log((losses[member] ?? 0) / low) / Math.log(high / low);
    const color = paletteColors("viridis")[Math.round(t * 255)] ?? "";
    assert.ok(svg.includes(`fill="${color}"`), `member ${member}: no ${color}`);
  }
  assert.equal(model.state(93), "diverged");
  assert.match(svg, /stroke="#d55e00" stroke-width="2"/);
  assert.match(svg, />diverged</);
});

test("cells with several members show the median of those that have a value", () => {
  const source = new SampleEnsemble().advance(1000);
  const { payload } = figure(source, {
    views: [{ type: "phase-diagram", x: "learningRate", y: "learningRate", color: "loss" }],
  });
  const model = new FigureModel(payload);
  const cell = firstGrid(model).of(93);
  assert.equal(cell?.members.length, 8);
  const sound = [88, 89, 90, 91, 92, 94, 95].map((member) => source.loss(member, 1000)).sort((a, b) => a - b);
  assert.equal(cell.value, sound[3]);
  assert.equal(cell.state, "finished");
  const even = firstGrid(model).of(0);
  const losses = [0, 1, 2, 3, 4, 5, 6, 7].map((member) => source.loss(member, 1000)).sort((a, b) => a - b);
  assert.equal(even?.value, ((losses[3] ?? NaN) + (losses[4] ?? NaN)) / 2);
});

test("a logarithmic hyperparameter with a zero, and uneven values, get cells of equal width", () => {
  const values = [0, 1e-4, 1e-3, 1];
  const source = {
    id: "decay",
    members: 4,
    columns: [
      { name: "weightDecay", role: "hyperparameter" as const, scale: "log" as const, values },
      { name: "loss", role: "metric" as const, scale: "linear" as const, values: [1, 2, 3, 4] },
    ],
    states: Uint8Array.of(2, 2, 2, 2),
    progress: { state: "finished" as const, step: 1, steps: 1, elapsedSeconds: 1 },
  };
  const { payload } = figure(source, {
    views: [{ type: "phase-diagram", x: "weightDecay", y: "weightDecay", color: "loss" }],
  });
  const model = new FigureModel(payload);
  const { x } = firstGrid(model);
  assert.deepEqual(x.edges, [0, 60, 120, 180, 240]);
  assert.deepEqual(
    x.ticks.map((tick) => tick.label),
    ["0", "10⁻⁴", "0.001", "1"],
  );
});

test("the picture shows title, axes, progress and the chosen member", () => {
  const ensemble = new SampleEnsemble().advance(1000);
  const shown = sampleFigure(ensemble);
  shown.select([61]);
  const svg = shown.toSVG();
  for (const text of ["Autoencoders of the 2-sphere", "learning rate", "training step", "reconstruction error"]) {
    assert.ok(svg.includes(`>${text}<`), text);
  }
  assert.ok(svg.includes(">Finished · 1,000 steps · 96 members, 1 diverged · 12 s<"));
  assert.ok(svg.includes("Member 61 (finished) · learning rate 0.0039 · seed 5 · loss 0.0135"));
  assert.ok(svg.length < 200_000, `${svg.length} bytes`);
});

test("a figure that has not begun says so instead of failing", () => {
  const svg = figure(new SampleEnsemble(), {
    views: [
      { type: "phase-diagram", x: "learningRate", y: "seed", color: "loss" },
      { type: "curves", metric: "loss" },
      { type: "latent-space" },
    ],
  }).toSVG();
  assert.ok(svg.includes(">No points yet<") && svg.includes(">No latent space yet<") && svg.includes(">Waiting"));
  assert.ok(!svg.includes("NaN"));
});

test("a snapshot of an earlier release is drawn as it was then; one of a later one is refused, and says what to do", async () => {
  // From a notebook that was committed before columns had labels and units of their own.
  const file = fromRoot("tests/views/snapshots/version-1.json");
  const stored = JSON.parse(await readFile(file, "utf8")) as { payload: FigurePayload; picture: string };
  const found = (picture: string, pattern: RegExp) =>
    [...new Set(Array.from(picture.matchAll(pattern), ([, content]) => content))].sort();
  const names = /<text[^>]*>([^<0-9][^<]*)</g;
  const fills = /<rect[^>]*fill="(#[0-9a-f]+)"/g;
  assert.ok(found(stored.picture, names).includes("Held out (MeV)") && found(stored.picture, fills).length > 60);
  for (const pattern of [names, fills])
    assert.deepEqual(found(toSVG(stored.payload), pattern), found(stored.picture, pattern));
  const later = { ...stored.payload, version: 2, views: [{ type: "corner-plot" }] };
  assert.throws(
    () => toSVG(later),
    /format version 2; this version of Phasebook reads version 1\. Update Phasebook, or run the notebook again/,
  );
});

test("what cannot be drawn is refused with a reason", () => {
  const { payload } = phaseModel();
  const loss = payload.arrays["column:loss"];
  assert.ok(loss);
  const withLoss = (array: unknown) => ({ ...payload, arrays: { ...payload.arrays, "column:loss": array } });
  const cases: [unknown, RegExp][] = [
    [null, /missing/],
    [{ ...payload, version: 2 }, /version 2/],
    [{ ...payload, members: 1e9 }, /1000000000/],
    [{ ...payload, members: 95 }, /shape \[96\] instead of \[95\]/],
    [{ ...payload, status: "__proto__" }, /__proto__/],
    [{ ...payload, views: [{ type: "hologram" }] }, /hologram/],
    [{ ...payload, views: [{ ...payload.views[0], x: "toString" }] }, /toString/],
    [{ ...payload, selection: { members: [96] } }, /member 96/],
    [withLoss({ ...loss, shape: [1e9] }), /8000000000 bytes/],
    [withLoss({ ...loss, type: "constructor" }), /constructor/],
    [withLoss({ ...loss, base64: undefined }), /none/],
    [withLoss({ ...loss, base64: "AAAA" }), /768 bytes for its shape, but has 3/],
  ];
  for (const [hostile, message] of cases) {
    assert.throws(
      () => toSVG(hostile),
      (error) => error instanceof PayloadError && message.test(error.message),
      String(message),
    );
  }
});
