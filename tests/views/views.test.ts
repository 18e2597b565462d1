import assert from "node:assert/strict";
import { test } from "node:test";
import { MEMBER_STATES } from "../../src/protocol.js";
import { grid } from "../../src/ensemble/index.js";
import { BufferSink, inlineSink } from "../../src/figures/encode.js";
import { encodeLive } from "../../src/figures/payload.js";
import {
  curves as curvesFigure,
  type CurvesOptions,
  figure,
  histogram,
  images,
  latentSpace,
  measurements,
  phaseDiagram,
} from "../../src/figures/index.js";
import { CAMERA, turned, zoomed } from "../../views/camera.js";
import { legibleOn } from "../../views/contrast.js";
import { curvesMarks, curvesPanel } from "../../views/curves.js";
import { FigureModel } from "../../views/figure-model.js";
import { histogramPanel } from "../../views/histogram.js";
import { imagesPanel } from "../../views/images.js";
import { latentSpacePanel } from "../../views/latent-space.js";
import { OKABE_ITO } from "../../views/palette.js";
import { panelHead } from "../../views/panel-head.js";
import { describeProgress } from "../../views/progress-text.js";
import { toXML } from "../../views/svg-node.js";
import { LIGHT } from "../../views/theme.js";
import { type Design, designed } from "../figures/designed.js";
import { SampleEnsemble } from "../figures/sample.js";

const PANEL = { width: 400, height: 300, theme: LIGHT };

const design: Design = {
  hyperparameters: { width: [1, 2, 4], seed: [0, 1, 2, 3] },
  metrics: { loss: ({ width = 0, seed = 0 }) => width + seed / 10 },
};

test("a histogram has a bar for each of few values, and bins of equal width for many", () => {
  const model = new FigureModel(histogram(designed(design), { columns: ["width", "loss"], bins: 4 }).payload);
  const view = model.views[0];
  assert.ok(view?.type === "histogram");
  const [width, loss] = histogramPanel(model, view, PANEL).histograms;
  assert.deepEqual(
    width?.bars.map((bar) => bar.members),
    [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 10, 11],
    ],
  );
  // Losses run from 1 to 4.3: bins begin at 1, 1.825, 2.65, 3.475.
  assert.deepEqual(
    loss?.bars.map((bar) => bar.members.length),
    [4, 4, 0, 4],
  );
  assert.throws(() => histogram(designed(design), { columns: ["depth"] }), /column of the histogram is "depth"/);
});

test("curves with a band: a line at the median of the seeds, between quantiles", () => {
  const source = new SampleEnsemble().advance(1000);
  const shown = figure(source, { views: [{ type: "curves", metric: "loss", band: "seed" }] });
  const model = new FigureModel(shown.payload);
  const view = model.views[0];
  assert.ok(view?.type === "curves");
  const { curves, y } = curvesPanel(model, view, PANEL);
  assert.equal(curves.length, 12);
  const [first] = curves;
  assert.deepEqual(first?.members, [0, 1, 2, 3, 4, 5, 6, 7]);
  const last = [0, 1, 2, 3, 4, 5, 6, 7].map((member) => source.loss(member, 1000)).sort((a, b) => a - b);
  const median = ((last[3] ?? NaN) + (last[4] ?? NaN)) / 2;
  const value = y.toValue(first.points.at(-1) ?? NaN);
  assert.ok(Math.abs(value / median - 1) < 1e-3, `${value} instead of ${median}`);
  const heights = [...(first.band ?? [])].filter((_, i) => i % 2 === 1);
  assert.ok(heights.every((height) => height >= y.toPixel(1) && Number.isFinite(height)) && heights.length === 200);
});

test("a legend names the categories of curves, and a bar their colours where no diagram of the figure does", () => {
  const optimizers = ["Adam", "momentum", "descent"];
  const grid = designed({
    hyperparameters: { optimizer: [0, 1, 2], width: [16, 64] },
    metrics: { loss: ({ optimizer = 0 }) => 1 + optimizer },
    categories: { optimizer: optimizers },
  });
  const source = { ...grid, curve: () => ({ steps: [1, 2], values: [6, 5, 5, 4, 4, 3, 3, 2, 2, 1, NaN, NaN] }) };
  source.states[5] = MEMBER_STATES.indexOf("diverged");
  const frameOf = (color: string, withDiagram = false): string => {
    const diagram = { type: "phase-diagram", x: "width", y: "optimizer", color } as const;
    const views = [{ type: "curves", metric: "loss", color } as const, ...(withDiagram ? [diagram] : [])];
    const model = new FigureModel(figure(source, { views }).payload);
    const view = model.views[0];
    assert.ok(view?.type === "curves");
    return toXML(curvesPanel(model, view, PANEL).frame);
  };
  const named = frameOf("optimizer");
  optimizers.forEach((name, index) => {
    const color = legibleOn(OKABE_ITO[index]!, LIGHT.surface).replace(/[()]/g, "\\$&");
    assert.match(named, new RegExp(`<path [^>]*stroke="${color}"[^>]*/><text [^>]*>${name}<`));
  });
  assert.match(named, />diverged</);
  const bars = (frame: string): number => frame.match(/<rect /g)?.length ?? 0;
  assert.ok(bars(frameOf("width")) > 50 && frameOf("width").includes(">width<"));
  assert.equal(bars(frameOf("width", true)), 0);
});

test("what has no room in a legend is counted there", () => {
  const legend = Array.from({ length: 30 }, (_, i) => ({ label: `category ${i}`, swatch: () => [] }));
  const xml = toXML(panelHead({ title: "Crowded", legend }, { width: 300, height: 290 }, LIGHT).node);
  const named = xml.match(/>category \d+</g)?.length ?? 0;
  const more = Number(/>\+ (\d+) more</.exec(xml)?.[1]);
  assert.ok(named > 3 && named + more === 30, `${named} are named, ${more} more`);
  const few = panelHead({ title: "Crowded", legend: legend.slice(0, 2) }, { width: 300, height: 290 }, LIGHT);
  assert.equal(few.height, panelHead({ title: "Crowded" }, { width: 300, height: 290 }, LIGHT).height);
});

test("images of members and of points are shown as many as fit, the chosen ones first", () => {
  const source = designed(design);
  const pixels = Float32Array.from({ length: 12 * 4 * 6 }, (_, i) => i);
  const ofMembers = new FigureModel(images(source, { pixels, shape: [12, 4, 6], of: "members" }).payload);
  const view = ofMembers.views[0];
  assert.ok(view?.type === "images");
  const { tiles } = imagesPanel(ofMembers, view, PANEL);
  assert.equal(tiles.length, 12);
  assert.ok(Math.abs((tiles[7]?.pixels[0] ?? 0) - 7 * 24) < 0.01);

  const many = { pixels: new Float32Array(1000 * 9), shape: [1000, 3, 3], of: "points" as const };
  const figureOfMany = images(source, many);
  figureOfMany.select({ points: [900] });
  const model = new FigureModel(figureOfMany.payload);
  const shown = model.views[0];
  assert.ok(shown?.type === "images");
  const panel = imagesPanel(model, shown, PANEL);
  assert.equal(panel.tiles[0]?.index, 900);
  assert.ok(panel.tiles.length < 120 && JSON.stringify(panel.frame).includes(`${panel.tiles.length} of 1,000`));
  assert.throws(
    () => images(source, { pixels, shape: [11, 4, 6], of: "members" }),
    /\[members, height, width\] with 12/,
  );
});

test("a title names the member whose data are shown, where there are several", () => {
  const titled = (seeds: number[], title?: string) => {
    const source = designed({ members: seeds.map((seed) => ({ seed })), metrics: { loss: () => 1 } });
    const cloud = latentSpace(
      source,
      { points: seeds.flatMap(() => [1, 2, 3, 4]), dimensions: 2 },
      title ? { title } : {},
    );
    const pictures = images(source, {
      pixels: new Float32Array(seeds.length * 8),
      shape: [seeds.length, 2, 2, 2],
      of: "points",
    });
    return [cloud, pictures].map((shown) => {
      const model = new FigureModel(shown.payload);
      const [view] = model.views;
      if (view?.type === "latent-space") return JSON.stringify(latentSpacePanel(model, view, PANEL).frame);
      assert.ok(view?.type === "images");
      return JSON.stringify(imagesPanel(model, view, PANEL).frame);
    });
  };
  assert.ok(titled([0]).every((frame) => !frame.includes("of member")));
  const [cloud = "", pictures = ""] = titled([0, 1]);
  assert.match(cloud, /Latent space of member 0/);
  assert.match(pictures, /Images of member 0/);
  assert.match(titled([0, 1], "Where numbers are")[0] ?? "", /Where numbers are: member 0/);
});

test("a cloud in three dimensions is turned without distortion", () => {
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((bits) => [bits & 1, (bits >> 1) & 1, (bits >> 2) & 1]);
  const source = designed({ members: [{ seed: 0 }], metrics: { loss: () => 1 } });
  const model = new FigureModel(latentSpace(source, { points: corners, dimensions: 3 }).payload);
  const view = model.views[0];
  assert.ok(view?.type === "latent-space");
  for (const camera of [CAMERA, turned(CAMERA, 0.3, -0.4)]) {
    const { pixels, depth, plot } = latentSpacePanel(model, view, { ...PANEL, camera });
    // The box's diagonal fills 94 % of the plot's shorter side.
    const scale = (0.94 * Math.min(plot.width, plot.height)) / Math.sqrt(3);
    for (let a = 0; a < 8; a++) {
      for (let b = 0; b < 8; b++) {
        const [x = 0, y = 0] = [0, 1].map((i) => ((pixels[2 * a + i] ?? 0) - (pixels[2 * b + i] ?? 0)) / scale);
        const distance = Math.hypot(x, y, (depth?.[a] ?? NaN) - (depth?.[b] ?? NaN));
        const differing = [1, 2, 4].filter((bit) => ((a ^ b) & bit) !== 0).length;
        assert.ok(Math.abs(distance - Math.sqrt(differing)) < 1e-3, `${a} and ${b}: ${distance}`);
      }
    }
  }
});

test("zooming keeps the point under the pointer", () => {
  const at = { x: 0.2, y: -0.1 };
  const before = zoomed({ ...CAMERA, dx: 0.05, dy: 0.02 }, 1.7, { x: 0, y: 0 });
  const after = zoomed(before, 3, at);
  // A place of the cloud lies at zoom · place + shift.
  const place = (at.x - before.dx) / before.zoom;
  assert.ok(Math.abs(after.zoom * place + after.dx - at.x) < 1e-12);
  const back = zoomed(after, 1 / 3, at);
  assert.ok(Math.abs(back.dx - before.dx) + Math.abs(back.dy - before.dy) + Math.abs(back.zoom - before.zoom) < 1e-12);
});

/** The texts of a curves panel, and the dashes of its lines. */
function drawnCurves(options: Partial<CurvesOptions>, steps: number[], lines = 1, names?: string[]) {
  const values = Array.from({ length: lines * steps.length }, (_, i) => 1 + i);
  const source = measurements(grid({ line: Array.from({ length: lines }, (_, i) => i) }), {
    curves: { height: { steps, values } },
    ...(names && { categories: { line: names } }),
  });
  const model = new FigureModel(curvesFigure(source, { metric: "height", xScale: "linear", ...options }).payload);
  const view = model.views[0];
  assert.ok(view?.type === "curves");
  const panel = curvesPanel(model, view, PANEL);
  const texts = Array.from(toXML(panel.frame).matchAll(/<text[^>]*>([^<]*)</g), ([, content]) => content!);
  return { panel, texts, labels: panel.x.ticks.map(({ label }) => label).filter((label) => label !== "") };
}

test("lines of few points have their ticks at these, if they are round and find room", () => {
  assert.deepEqual(drawnCurves({}, [2, 4, 6, 8]).labels, ["2", "4", "6", "8"]);
  assert.deepEqual(drawnCurves({ xScale: "log" }, [6, 8, 10, 12]).labels, ["6", "8", "10", "12"]);
  const elevenths = Array.from({ length: 10 }, (_, i) => (i + 1) / 11);
  assert.deepEqual(drawnCurves({}, elevenths).labels, ["0.2", "0.4", "0.6", "0.8"]);
  const crowded = [1, 2, 3, 100, 200, 300];
  assert.ok(!drawnCurves({}, crowded).labels.includes("3"));
});

test("what was measured ends where it ends, and has no steps", () => {
  assert.deepEqual(drawnCurves({}, [-3.25, -2, -1.125]).panel.x.domain, [-3.25, -1.125]);
  assert.equal(
    describeProgress(new FigureModel(figure(designed(design), { views: [] }).payload)).includes("100"),
    true,
  );
  const source = measurements(grid({ x: [0, 1] }), {});
  assert.equal(describeProgress(new FigureModel(figure(source, { views: [] }).payload)), "Finished · 2 members");
});

test("lines of categories beyond the eight colours are dashed, on the page, in the picture and in the legend", () => {
  const names = Array.from({ length: 18 }, (_, i) => `network ${i}`);
  const { panel } = drawnCurves({ color: "line" }, [1, 2, 3], 18, names);
  assert.deepEqual(
    [0, 7, 8, 15, 16, 17].map((line) => panel.curves[line]?.dash.length),
    [0, 0, 2, 2, 2, 2],
  );
  assert.notDeepEqual(panel.curves[8]?.dash, panel.curves[16]?.dash);
  const looks = panel.curves.map(({ color, dash }) => `${color} ${dash.join()}`);
  assert.equal(new Set(looks.slice(0, 16)).size, 16);
  const dashes = (xml: string) => [...xml.matchAll(/stroke-dasharray="([^"]*)"/g)].map(([, dash]) => dash);
  assert.equal(dashes(toXML(curvesMarks(panel, [], LIGHT))).length, 10);
  assert.ok(dashes(toXML(panel.frame)).length > 0);
});

test("a long name of the axis at the left takes two lines beside a smaller plot, and is cut only then", () => {
  const short = drawnCurves({ yLabel: "height" }, [1, 2]);
  const long = drawnCurves({ yLabel: "probability of a unique linear embedding" }, [1, 2]);
  assert.ok(long.texts.some((text) => text.startsWith("probability of a")));
  assert.ok(long.texts.some((text) => text.endsWith("embedding")));
  assert.ok(!long.texts.some((text) => text.includes("…")));
  assert.ok(long.panel.plot.x > short.panel.plot.x + 10);
  assert.ok(drawnCurves({ yLabel: "a very long name ".repeat(9) }, [1, 2]).texts.some((text) => text.endsWith("…")));
});

test("what is to be saved has all arrays as text, made anew only where they have changed", () => {
  const source = new SampleEnsemble().advance(500);
  const views = [{ type: "curves", metric: "loss" }] as const;
  const model = new FigureModel(figure(source, { views }).payload);
  const sink = new BufferSink();
  model.update(encodeLive(source.advance(1000), views, sink), source.progress, sink.buffers);
  const { arrays } = model.payload;
  const written = Object.entries(encodeLive(source, views, inlineSink));
  for (const [name, array] of written) assert.deepEqual(arrays[name], array, name);
  const [name, array] = written[0]!;
  model.update({ [name]: { ...array } }, source.progress);
  for (const [other, same] of Object.entries(arrays))
    assert.equal(model.payload.arrays[other] === same, other !== name, other);
});

test("what colours mean can be said of one diagram", () => {
  const source = designed({ ...design, hyperparameters: { width: [1, 2], depth: [1, 2], seed: [0, 1] } });
  const options = { x: "width", y: "depth", color: "loss", aggregate: "mean" } as const;
  const texts = (more: object) => phaseDiagram(source, { ...options, ...more }).toSVG();
  assert.match(texts({}), />mean loss</);
  assert.match(texts({ colorLabel: "share of donuts" }), />share of donuts<[^]*>Share of donuts</);
  assert.doesNotMatch(texts({ colorLabel: "share of donuts" }), />mean loss</);
});
