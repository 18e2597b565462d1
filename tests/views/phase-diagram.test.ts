import assert from "node:assert/strict";
import { test } from "node:test";
import { type PhaseDiagramOptions, phaseDiagram } from "../../src/figures/index.js";
import { FigureModel } from "../../views/figure-model.js";
import { phaseDiagramPanel } from "../../views/phase-diagram.js";
import { LIGHT } from "../../views/theme.js";
import { toSVG } from "../../views/to-svg.js";
import { type Design, designed } from "../figures/designed.js";

function panelOf(design: Design, options: PhaseDiagramOptions) {
  const model = new FigureModel(phaseDiagram(designed(design), options).payload);
  const view = model.views[0];
  assert.ok(view?.type === "phase-diagram");
  return { model, view, panel: phaseDiagramPanel(model, view, { width: 400, height: 300, theme: LIGHT }) };
}

/** width × depth × seed: 3 × 2 × 4 members with loss = 10 width + 100 depth + seed. */
const cube: Design = {
  hyperparameters: { width: [1, 2, 3], depth: [1, 2], seed: [0, 1, 2, 3] },
  metrics: { loss: ({ width = 0, depth = 0, seed = 0 }) => 10 * width + 100 * depth + seed },
};
const overWidth = { x: "width", y: "depth", color: "loss" };

test("a cell sums up its seeds as mean, median, share or spread", () => {
  const valueOf = (options: Partial<PhaseDiagramOptions>) => {
    const { panel } = panelOf(cube, { ...overWidth, ...options });
    return panel.grids[0]?.of(0)?.value;
  };
  // The seeds of width 1, depth 1 have losses 110, 111, 112, 113.
  assert.equal(valueOf({}), 111.5);
  assert.equal(valueOf({ aggregate: "mean" }), 111.5);
  assert.equal(valueOf({ aggregate: "share", share: { max: 110 } }), 0.25);
  assert.equal(valueOf({ aggregate: "share", share: { min: 111, max: 112 } }), 0.5);
  assert.ok(Math.abs((valueOf({ aggregate: "spread" }) ?? 0) - Math.sqrt(5 / 3)) < 1e-12);
  assert.throws(() => valueOf({ aggregate: "share" }), /say which/);
});

test("a third hyperparameter is held by a slider, which survives a newer snapshot", () => {
  const { model, view, panel } = panelOf(cube, { x: "width", y: "seed", color: "loss" });
  assert.deepEqual(view.slices, [{ column: "depth", index: 0 }]);
  assert.deepEqual([panel.grids[0]?.count, panel.grids[0]?.of(0)?.value, panel.grids[0]?.of(4)], [12, 110, undefined]);
  const before = model.payload;
  model.slice(view, "depth", 1);
  model.replace(before);
  const now = model.views[0];
  assert.ok(now?.type === "phase-diagram");
  const sliced = phaseDiagramPanel(model, now, { width: 400, height: 300, theme: LIGHT });
  assert.deepEqual(sliced.grids[0]?.of(4)?.members, [4]);
  const options = { x: "width", y: "seed", color: "loss", slices: { depth: 2 } };
  assert.deepEqual(panelOf(cube, options).view.slices, [{ column: "depth", index: 1 }]);
  assert.throws(
    () => panelOf(cube, { ...options, slices: { depth: 7 } }),
    /has the value 7 of "depth"; its values are 1, 2/,
  );
});

test("small multiples: a diagram for each value of a facet, over the same axes and colours", () => {
  const { panel } = panelOf(cube, { x: "width", y: "seed", color: "loss", facet: "depth" });
  assert.deepEqual(
    panel.grids.map((grid) => [grid.facet.value, grid.count]),
    [
      [1, 12],
      [2, 12],
    ],
  );
  assert.ok((panel.grids[0]?.plot.x ?? 0) < (panel.grids[1]?.plot.x ?? 0));
  assert.ok(JSON.stringify(panel.frame).includes("depth 2"));
});

test("boundaries run between phases, and along levels", () => {
  const phases: Design = {
    hyperparameters: { width: [1, 2, 3], depth: [1, 2] },
    metrics: { phase: ({ width = 0 }) => (width > 1 ? 1 : 0), loss: ({ width = 0, depth = 0 }) => width + depth },
    categories: { phase: ["memorises", "generalises"] },
  };
  const { panel } = panelOf(phases, { x: "width", y: "depth", color: "phase", boundaries: true });
  const { x, plot } = panel.grids[0] ?? assert.fail();
  assert.equal(panel.boundaries, `M${x.edges[1]?.toFixed(2)} ${plot.y + plot.height}V${plot.y}`);
  const level = panelOf(phases, { x: "width", y: "depth", color: "loss", boundaries: [3.5] }).panel.boundaries;
  assert.equal(level.match(/M/g)?.length, 3, "two steps, at (3, 1) and (2, 2), and one between");
  assert.equal(panelOf(phases, overWidth).panel.boundaries, "");
});

test("members on part of a grid only: every place shows the nearest one", () => {
  // A coarse grid of 3 × 3, refined around one corner.
  const coarse = [0, 4, 8].flatMap((a) => [0, 4, 8].map((b) => ({ a, b })));
  const fine = [0, 1, 2, 3].flatMap((a) => [0, 1, 2, 3].map((b) => ({ a, b }))).filter(({ a, b }) => a + b > 0);
  const design: Design = { members: [...coarse, ...fine], metrics: { m: ({ a = 0, b = 0 }) => a + b } };
  const { panel } = panelOf(design, { x: "a", y: "b", color: "m" });
  const [grid] = panel.grids;
  assert.ok(grid);
  assert.deepEqual([grid.count, grid.x.values.length], [24, 6]);
  const edges = grid.x.edges;
  // To scale: from 4 to 8 is four times as far as from 0 to 1.
  const middle = (i: number) => ((edges[i] ?? 0) + (edges[i + 1] ?? 0)) / 2;
  assert.ok(
    Math.abs((edges[1] ?? 0) - (edges[0] ?? 0) - ((edges[2] ?? 0) - (edges[1] ?? 0))) < 1e-9 && middle(5) > middle(4),
  );
  for (let column = 0; column < 6; column++)
    for (let row = 0; row < 6; row++) assert.notEqual(grid.shown(column, row), -1);
  assert.equal(grid.cell(grid.shown(5, 1)).members[0], 6, "(8, 1) has no member; (8, 0) is the nearest");
  const { panel: bare } = panelOf(design, { x: "a", y: "b", color: "m", gaps: "empty" });
  assert.equal(bare.grids[0]?.shown(5, 1), -1);
});

test("a diagram of 512 × 512 cells is a small picture", () => {
  const axis = Array.from({ length: 512 }, (_, i) => i);
  const source = designed({
    hyperparameters: { a: axis, b: axis },
    metrics: { m: ({ a = 0, b = 0 }) => Math.sin(a / 40) * Math.cos(b / 55) },
  });
  const svg = toSVG(phaseDiagram(source, { x: "a", y: "b", color: "m" }).payload);
  assert.ok(svg.length < 700_000, `${svg.length} bytes`);
});
