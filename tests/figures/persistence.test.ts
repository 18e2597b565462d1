import assert from "node:assert/strict";
import { test } from "node:test";
import { figure, latentSpace, phaseDiagram } from "../../src/figures/index.js";
import { encodeArray, inlineSink } from "../../src/figures/encode.js";
import { FigureModel, decodeArray } from "../../views/index.js";
import { toCSV } from "../../views/to-csv.js";
import { designed } from "./designed.js";
import { SampleEnsemble } from "./sample.js";

test("few different values travel as codes, exactly, and missing ones stay missing", () => {
  const data = Float64Array.from({ length: 5000 }, (_, i) => (i % 7 === 0 ? NaN : 10 ** -(i % 40)));
  const encoded = encodeArray({ shape: [5000], data }, "exact", inlineSink);
  assert.equal(encoded.type, "uint8");
  assert.deepEqual([...decodeArray(encoded).values], [...data]);
});

test("a figure of 512 × 512 members, and one of a million points, stay under 5 MB", () => {
  const axis = Array.from({ length: 512 }, (_, i) => i / 512);
  const source = designed({ hyperparameters: { a: axis, b: axis }, metrics: { m: ({ a = 0, b = 0 }) => a * b } });
  const diagram = phaseDiagram(source, { x: "a", y: "b", color: "m" });
  const size = JSON.stringify(diagram.payload).length + diagram.toSVG().length;
  assert.ok(size < 3e6, `${size} bytes`);
  const model = new FigureModel(diagram.payload);
  assert.equal(model.values("a")[512], 1 / 512);
  assert.ok(Math.abs((model.values("m").at(-1) ?? 0) - (511 / 512) ** 2) < 1e-4);

  const cloud = designed({ members: [{ seed: 0 }], metrics: { loss: () => 1 } });
  const points = Float32Array.from({ length: 2e6 }, (_, i) => Math.sin(i));
  const shown = latentSpace(cloud, { points, color: points.subarray(0, 1e6) });
  shown.select({ points: [999_995, 7] });
  const { payload } = shown;
  assert.ok(JSON.stringify(payload).length < 2e6);
  const [view] = payload.views;
  assert.ok(view?.type === "latent-space");
  assert.equal(view.every, 5);
  assert.deepEqual(payload.arrays["latent"]?.shape, [1, 200_000, 2]);
  const decoded = new FigureModel(payload).array("latent").values;
  assert.ok(Math.abs((decoded[2 * 3000] ?? 0) - Math.sin(2 * 5 * 3000)) < 1e-4, "row r is the point 5 r");
  assert.ok(shown.toSVG().includes("20,000 of 200,000 points drawn"));
});

test("very many curves keep their last step", () => {
  const source = new SampleEnsemble().advance(1000);
  const [steps, members] = [10_000, source.members];
  source.curve = () => ({
    steps: Float64Array.from({ length: steps }, (_, i) => i + 1),
    values: Float32Array.from({ length: steps * members }, (_, i) => 1 + (i % steps)),
  });
  const model = new FigureModel(
    figure(source, { views: [{ type: "curves", metric: "loss", yScale: "linear" }] }).payload,
  );
  const kept = model.array("steps:loss").values;
  assert.ok(kept.length <= 400_000 / members && kept.at(-1) === 10_000);
  assert.ok(Math.abs((model.array("curves:loss").values.at(-1) ?? 0) - 10_000) < 1);
});

test("a table of all members in full precision", () => {
  const source = designed({
    hyperparameters: { width: [1, 2] },
    metrics: { phase: ({ width = 0 }) => width - 1, loss: ({ width = 0 }) => width / 3 },
    categories: { phase: ["cold, dry", "warm"] },
  });
  source.states[1] = 3;
  const csv = toCSV(new FigureModel(phaseDiagram(source, { x: "width", y: "width", color: "loss" }).payload));
  assert.equal(
    csv,
    'member,state,width,phase,loss\r\n0,finished,1,"cold, dry",0.3333333333333333\r\n1,diverged,2,warm,0.6666666666666666\r\n',
  );
});
