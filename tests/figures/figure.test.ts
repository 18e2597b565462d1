import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { grid } from "../../src/ensemble/index.js";
import { figure, histogram, latentSpace, measurements, phaseDiagram } from "../../src/figures/index.js";
import { DISPLAY_METHOD, FIGURE_MIME, type FigurePayload, type ToRenderer } from "../../src/protocol.js";
import { FigureModel } from "../../views/index.js";
import { FakeHost } from "./fake-host.js";
import { SampleEnsemble, sampleFigure } from "./sample.js";

function inNotebook(context: TestContext): FakeHost {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const host = new FakeHost().install();
  context.after(() => host.remove());
  return host;
}

const microtasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const payloadOf = (bundle: object): FigurePayload =>
  (bundle as Record<string, FigurePayload>)[FIGURE_MIME] as FigurePayload;

test("without a notebook a figure is its MIME bundle", () => {
  const bundle = sampleFigure(new SampleEnsemble().advance(1000))[DISPLAY_METHOD]();
  assert.deepEqual(Object.keys(bundle), [FIGURE_MIME, "image/svg+xml", "text/plain"]);
  assert.match(
    JSON.stringify(bundle["text/plain"]),
    /^"Figure of 96 members \(phase diagram, curves, latent space\), finished at step 1000/,
  );
  const plot = latentSpace(measurements(grid({ plot: [0] }), {}), { points: [1, 2], dimensions: 2 });
  assert.equal(plot[DISPLAY_METHOD]()["text/plain"], "Figure (latent space)");
  const model = new FigureModel(structuredClone(payloadOf(bundle)));
  assert.equal(model.formatColumn(model.column("learningRate"), 95), "0.0316");
  assert.ok(JSON.stringify(bundle).length < 700_000, "a notebook stays small");
});

test("a shown figure is stored once more when the training ends, and not before", async (context) => {
  const host = inNotebook(context);
  const source = new SampleEnsemble();
  const shown = sampleFigure(source);
  assert.deepEqual(shown[DISPLAY_METHOD](), {});
  source.advance(300).advance(600);
  await microtasks();
  assert.equal(host.shown.length, 1);
  source.advance(1000);
  shown.select([5]);
  await microtasks();
  assert.deepEqual(
    host.shown.map(({ options }) => options),
    [{ displayId: shown.id }, { displayId: shown.id, update: true }],
  );
  const stored = payloadOf(host.shown[1]?.bundle ?? {});
  assert.equal(stored.progress.state, "finished");
  assert.deepEqual(stored.selection.members, [5]);
});

test("a renderer gets a snapshot, then updates, at most 30 a second and only when it has drawn", (context) => {
  const host = inNotebook(context);
  const source = new SampleEnsemble();
  const shown = sampleFigure(source).display();
  const comm = host.open(shown.id);
  assert.deepEqual(comm.types, ["snapshot"]);
  source.advance(10).advance(20);
  comm.drawn();
  assert.deepEqual(comm.types, ["snapshot"], "too soon after the snapshot");
  context.mock.timers.tick(1000);
  assert.deepEqual(comm.types, ["snapshot", "update"]);
  source.advance(30);
  context.mock.timers.tick(1000);
  assert.deepEqual(comm.types, ["snapshot", "update"], "the page has not drawn the last one");
  comm.drawn();
  assert.deepEqual(comm.types, ["snapshot", "update", "update"]);
  for (let step = 40; step < 140; step++) {
    source.advance(step);
    comm.drawn();
    context.mock.timers.tick(10); // 100 changes in a second
  }
  const updates = comm.types.length - 3;
  assert.ok(updates > 20 && updates <= 30, `${updates} updates in a second`);
});

test("snapshot and updates rebuild the state exactly, from binary buffers", (context) => {
  const host = inNotebook(context);
  const source = new SampleEnsemble().advance(200);
  const comm = host.open(sampleFigure(source).display().id);
  const snapshot = comm.sent[0];
  assert.ok(snapshot);
  const model = new FigureModel((snapshot.data as unknown as { payload: unknown }).payload, snapshot.buffers);
  assert.equal(model.progress.step, 200);
  context.mock.timers.tick(1000);
  comm.drawn();
  source.advance(700);
  const update = comm.sent.at(-1);
  const data = update?.data as unknown as ToRenderer & { type: "update" };
  assert.ok(update && !JSON.stringify(data).includes("base64"));
  model.update(data.arrays, data.progress, update.buffers);
  assert.equal(model.values("loss")[17], source.loss(17, 700));
  assert.equal(model.count("diverged"), 1);
  assert.equal(model.count("running"), 95);
});

test("with nobody attached nothing is computed or sent", (context) => {
  const host = inNotebook(context);
  const source = new SampleEnsemble();
  const shown = sampleFigure(source).display();
  const comm = host.open(shown.id);
  comm.close();
  let reads = 0;
  source.curve = () => {
    reads += 1;
    return { steps: [], values: [] };
  };
  source.advance(100);
  context.mock.timers.tick(1000);
  assert.equal(reads, 0);
  assert.deepEqual(comm.types, ["snapshot"]);
});

test("a selection reaches code, the other renderers and the other figures of the ensemble", async (context) => {
  const host = inNotebook(context);
  const source = new SampleEnsemble().advance(1000);
  const [a, b] = [
    sampleFigure(source).display(),
    phaseDiagram(source, { x: "learningRate", y: "seed", color: "loss" }),
  ];
  const heard: (readonly number[])[] = [];
  const stop = b.on("select", (members) => heard.push(members));
  const [first, second, other] = [host.open(a.id), host.open(a.id), host.open(b.id)];
  first.select([3, 17]);
  assert.deepEqual(heard, [[3, 17]]);
  const answer = a.selection();
  context.mock.timers.tick(1);
  assert.deepEqual(await answer, { members: [3, 17], points: [] });
  assert.deepEqual(first.types, ["snapshot"], "no echo");
  assert.deepEqual(second.sent.at(-1)?.data, { type: "select", selection: { members: [3, 17] } });
  assert.deepEqual(other.sent.at(-1)?.data, { type: "select", selection: { members: [3, 17] } });
  stop();
  a.select([]);
  assert.deepEqual(heard.length, 1);
  assert.throws(() => a.select([96]), /no member 96: they are 0 to 95/);
  a.select({ points: [4, 499] });
  assert.deepEqual(other.sent.at(-1)?.data, { type: "select", selection: { members: [], points: [4, 499] } });
  assert.throws(() => a.select({ points: [500] }), /no point 500: they are 0 to 499/);
  assert.ok(b.undo() && b.undo());
  assert.deepEqual(first.sent.at(-1)?.data, { type: "select", selection: { members: [3, 17] } });
  assert.ok(a.redo());
});

test("latent spaces that are known later arrive as a new snapshot", (context) => {
  const host = inNotebook(context);
  const source = new SampleEnsemble().advance(1000);
  const shown = figure(source, { views: [{ type: "latent-space" }] }).display();
  const comm = host.open(shown.id);
  comm.drawn();
  context.mock.timers.tick(1000);
  shown.setLatent(source.latent(20));
  assert.deepEqual(comm.types, ["snapshot", "snapshot"]);
  assert.throws(() => shown.setLatent({ points: new Float32Array(97) }), /\[members, n, 2\]; got 97 numbers for 96/);
  assert.throws(() => latentSpace(source, { points: new Float32Array(192), color: [1, 2] }), /got 2 numbers/);
});

test("a renderer of an earlier session is told that its figure is unknown", (context) => {
  const host = inNotebook(context);
  sampleFigure(new SampleEnsemble()).display();
  assert.deepEqual(host.open("of yesterday").sent[0]?.data, { type: "unknown-figure", figure: "of yesterday" });
  assert.deepEqual(host.targets, ["phasebook"]);
});

test("a view of something that is not there is refused by name", () => {
  assert.throws(
    () => phaseDiagram(new SampleEnsemble(), { x: "learningRate", y: "width", color: "loss" }),
    /y of the phase diagram is "width", but the ensemble has no such hyperparameter. It has "learningRate", "seed"/,
  );
});

test("a histogram without columns says which there are", () => {
  const untyped = histogram as (source: unknown, options?: object) => unknown;
  for (const options of [{}, { columns: "loss" }, { columns: [] }])
    assert.throws(() => untyped(new SampleEnsemble(), options), /needs a list of columns.*there are "learningRate"/);
});
