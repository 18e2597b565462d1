import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import type { Browser, Locator, Page } from "playwright-core";
import { BufferSink, inlineSink } from "../../src/figures/encode.js";
import { encodeLive } from "../../src/figures/payload.js";
import { launchBrowser } from "../support/browser.js";
import { grid } from "../../src/ensemble/index.js";
import { latentSpace, measurements, phaseDiagram } from "../../src/figures/index.js";
import { SampleEnsemble, sampleFigure } from "../figures/sample.js";
import { type FigurePage, openFigure, serveFigurePage } from "./page.js";

let browser: Browser;
let server: Awaited<ReturnType<typeof serveFigurePage>>;
let page: Page;

before(async () => {
  [browser, server] = await Promise.all([
    launchBrowser({ args: ["--disable-accelerated-2d-canvas"] }),
    serveFigurePage(),
  ]);
  page = await browser.newPage({
    viewport: { width: 1080, height: 480 },
    deviceScaleFactor: 2,
    reducedMotion: "reduce",
  });
});

after(async () => {
  await browser.close();
  server.stop();
});

const source = new SampleEnsemble("dom");
const phaseDiagramOf = (ensemble: SampleEnsemble) =>
  phaseDiagram(ensemble, { x: "learningRate", y: "seed", color: "loss" });
const diagram = (): Locator => page.locator('[data-view="phase-diagram"]');
const curves = (): Locator => page.locator('[data-view="curves"]');
const details = (): Locator => page.locator(".phasebook-details");
const selected = (): Promise<number[][]> => page.evaluate(() => (globalThis as unknown as FigurePage).selected);

beforeEach(async () => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1080, height: 480 });
  source.advance(1000);
  const shown = sampleFigure(source);
  shown.select([]);
  await openFigure(page, server.url, shown.payload);
});

/** The middle of a cell in pixels of the panel, from the plot's borders: the ends of its two axis lines. */
async function cellCentre(column: number, row: number): Promise<{ x: number; y: number }> {
  const plot = await diagram().evaluate((panel) => {
    type Box = { x: number; y: number; width: number; height: number };
    type Shape = { getBBox(): Box; getAttribute(name: string): string };
    const lines = [
      ...(panel as unknown as { querySelectorAll(s: string): Iterable<Shape> }).querySelectorAll("path[d^=M]"),
    ];
    const start = (line: Shape | undefined, pattern: RegExp) =>
      pattern
        .exec(line?.getAttribute("d") ?? "")
        ?.slice(1)
        .map(Number) ?? [];
    const [x = 0, , width = 0] = start(lines[0], /^M([\d.]+) ([\d.]+)h([\d.]+)/);
    const [, y = 0, height = 0] = start(lines[1], /^M([\d.]+) ([\d.]+)v([\d.]+)/);
    return { x, y, width, height };
  });
  return { x: plot.x + ((column + 0.5) * plot.width) / 12, y: plot.y + plot.height - ((row + 0.5) * plot.height) / 8 };
}

/** The colour of the canvas at a point of the panel. */
async function pixel(panel: Locator, { x, y }: { x: number; y: number }): Promise<number[]> {
  const data = await panel.locator("canvas").evaluate(
    (canvas, at) => {
      type Context = { getImageData(x: number, y: number, w: number, h: number): { data: Iterable<number> } };
      const context = (canvas as unknown as { getContext: (kind: string) => Context }).getContext("2d");
      return [...context.getImageData(Math.round(at.x * 2), Math.round(at.y * 2), 1, 1).data];
    },
    { x, y },
  );
  return data.slice(0, 3);
}

/** Resolves when everything that was asked for is drawn. */
async function drawn(): Promise<void> {
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const frame = (globalThis as unknown as { requestAnimationFrame: (f: () => void) => void })
          .requestAnimationFrame;
        frame(() => frame(() => resolve(undefined)));
      }),
  );
}

/** Drags with the mouse along points of a panel. */
async function drag(panel: Locator, path: readonly { x: number; y: number }[]): Promise<void> {
  const box = await panel.boundingBox();
  assert.ok(box);
  const [start, ...rest] = path.map(({ x, y }) => [box.x + x, box.y + y] as const);
  await page.mouse.move(...(start ?? [0, 0]));
  await page.mouse.down();
  for (const [x, y] of rest) await page.mouse.move(x, y, { steps: 5 });
  await page.mouse.up();
}

test("a click on a cell chooses its run everywhere, a second one gives it up", async () => {
  const at = await cellCentre(7, 3);
  await diagram().click({ position: at });
  assert.deepEqual(await selected(), [[59]]);
  await page.getByText("Latent space of member 59").waitFor();
  assert.match(
    await details().innerText(),
    /Member 59 \(finished\)\s+learning rate\s*0\.0039[\s\S]*seed\s*3[\s\S]*loss/,
  );
  await diagram().click({ position: await cellCentre(2, 6), modifiers: ["Shift"] });
  assert.deepEqual((await selected()).at(-1), [59, 22]);
  await diagram().click({ position: at, modifiers: ["Shift"] });
  await diagram().click({ position: await cellCentre(2, 6) });
  assert.deepEqual((await selected()).slice(2), [[22], []]);
});

test("a click on a curve chooses its run; the tooltip shows hyperparameters and metrics", async () => {
  // The diverged run is the only one above a loss of 3.
  const cross = await curves().evaluate((panel) => {
    const box = panel as unknown as { clientWidth: number; clientHeight: number };
    return { width: box.clientWidth, height: box.clientHeight };
  });
  for (let x = cross.width - 20; x > 60 && (await selected()).length === 0; x -= 4) {
    await curves().click({ position: { x, y: 60 } });
  }
  assert.deepEqual(await selected(), [[93]]);
  const tooltip = page.locator(".phasebook-tooltip");
  assert.match(await tooltip.innerText(), /Member 93 · diverged\s+learning rate\s+0\.0316\s+seed\s+5\s+loss\s+—/);
});

test("units are shown under the pointer, on a slider and in the line of what is chosen, and read out", async () => {
  const members = grid({ mass: [100, 200], seed: [0, 1], coupling: [0.5, 1] }, { coupling: { unit: "1/GeV" } });
  const { payload } = phaseDiagram(
    measurements(members, {
      metrics: { width: Array.from({ length: 8 }, (_, member) => member + 0.5) },
      columns: { mass: { label: "resonance mass", unit: "GeV" }, width: { unit: "MeV" } },
    }),
    { x: "mass", y: "seed", color: "width" },
  );
  await openFigure(page, server.url, payload);
  await page.locator("[data-view] text", { hasText: "resonance mass (GeV)" }).waitFor();
  await page.locator("[data-view] text", { hasText: /^width \(MeV\)$/ }).waitFor();
  const slider = page.getByRole("slider", { name: "coupling" });
  assert.equal(await slider.getAttribute("aria-valuetext"), "0.5 1/GeV");
  await diagram().focus();
  await page.keyboard.press("ArrowRight");
  const said = "Member 0, finished: resonance mass 100 GeV, seed 0, coupling 0.5 1/GeV, width 0.5 MeV";
  assert.equal(await page.locator('[aria-live="polite"]').textContent(), said);
  await page.keyboard.press("Enter");
  await diagram().hover({ position: { x: 100, y: 60 } });
  for (const shown of [page.locator(".phasebook-tooltip"), details()])
    assert.match(
      await shown.innerText(),
      /resonance mass\s*\d00 GeV\s*seed\s*\d\s*coupling\s*0\.5 1\/GeV\s*width\s*[\d.]+ MeV/,
    );
});

test("everything works by keyboard, and is read out", async () => {
  for (let tabs = 0; tabs < 2; tabs++) await page.keyboard.press("Tab"); // past the export menu
  await page.waitForFunction(
    () =>
      (globalThis as unknown as { document: { activeElement: { dataset: { view?: string } } } }).document.activeElement
        .dataset.view === "phase-diagram",
  );
  for (const key of ["ArrowRight", "ArrowRight", "ArrowUp"]) await page.keyboard.press(key);
  const live = page.locator('[aria-live="polite"]');
  assert.match(
    (await live.textContent()) ?? "",
    /^Member 9, finished: learning rate [\d.×⁻⁰-⁹]+, seed 1, loss [\d.]+, largest error/,
  );
  await page.keyboard.press("Enter");
  await page.keyboard.press("End");
  await page.keyboard.press("Shift+Enter");
  assert.deepEqual(await selected(), [[9], [9, 89]]);
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+y");
  await page.keyboard.press("Escape");
  assert.deepEqual((await selected()).slice(2), [[9], [9, 89], []]);
  assert.equal(await live.textContent(), "Nothing chosen");
  assert.equal(await diagram().getAttribute("role"), "application");
  const outline = await diagram().evaluate(
    (panel) =>
      (globalThis as unknown as { getComputedStyle(e: unknown): { outlineStyle: string } }).getComputedStyle(panel)
        .outlineStyle,
  );
  assert.equal(outline, "solid");
});

test("a drag over cells chooses their rectangle, over curves all that it touches", async () => {
  const [from, to] = [await cellCentre(2, 1), await cellCentre(4, 2)];
  await drag(diagram(), [from, to]);
  assert.deepEqual(await selected(), [[17, 18, 25, 26, 33, 34]]);
  const box = await curves().boundingBox();
  assert.ok(box);
  await drag(curves(), [
    { x: 90, y: 32 },
    { x: box.width - 20, y: 70 },
  ]);
  assert.deepEqual((await selected()).at(-1), [93], "only the diverged run is above a loss of 3");
  await page.keyboard.press("Escape");
});

test("a finger chooses by taps, and marks out a region after it has rested", async () => {
  const touch = await browser.newPage({ viewport: { width: 1080, height: 480 }, hasTouch: true });
  await openFigure(touch, server.url, phaseDiagramOf(new SampleEnsemble("touch").advance(1000)).payload);
  const panel = touch.locator('[data-view="phase-diagram"]');
  const box = await panel.boundingBox();
  assert.ok(box);
  const choice = () => touch.evaluate(() => (globalThis as unknown as FigurePage).selected);
  await panel.tap({ position: { x: 150, y: 150 } });
  assert.equal((await choice()).at(-1)?.length, 1);
  const finger = await touch.context().newCDPSession(touch);
  const move = (type: "touchStart" | "touchMove" | "touchEnd", x: number, y: number) =>
    finger.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: type === "touchEnd" ? [] : [{ x: box.x + x, y: box.y + y }],
    });
  await move("touchStart", 100, 80);
  await touch.locator(".phasebook-held").waitFor();
  for (const x of [120, 160, 200]) await move("touchMove", x, 80 + x / 4);
  await move("touchEnd", 0, 0);
  const members = (await choice()).at(-1) ?? [];
  assert.ok(members.length > 3, `${members.length} members are chosen`);
  await touch.close();
});

test("Shift and arrows choose a rectangle of cells, which one undo takes back", async () => {
  await diagram().focus();
  for (const key of ["Home", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowUp"]) await page.keyboard.press(key);
  assert.deepEqual((await selected()).at(-1), [8, 9, 16, 17]);
  await page.keyboard.press("Control+z");
  assert.deepEqual((await selected()).at(-1), []);
});

test("a lasso chooses points of the latent space, the same ones for every member, beside the members", async () => {
  const latent = page.locator('[data-view="latent-space"]');
  await diagram().click({ position: await cellCentre(7, 3) });
  const box = await latent.boundingBox();
  assert.ok(box);
  await drag(latent, [
    { x: 60, y: 40 },
    { x: box.width - 100, y: 40 },
    { x: box.width - 100, y: 115 },
    { x: 60, y: 115 },
  ]);
  await page.getByText(/^\d+ points chosen$/).waitFor();
  const choice = await page.evaluate(() => (globalThis as unknown as FigurePage).figures[0]?.payload.selection);
  assert.deepEqual(choice?.members, [59]);
  // The lasso goes round the top of the plot: every point that it chose lies in the upper half.
  const { points } = source.latent();
  const height = (point: number): number => points[2 * (59 * 500 + point) + 1] ?? NaN;
  const middle = Array.from({ length: 500 }, (_, point) => height(point)).sort((a, b) => a - b)[250] ?? NaN;
  const chosen = choice.points ?? [];
  assert.ok(chosen.length > 3 && chosen.length < 250 && chosen.every((point) => height(point) > middle));
  await page.keyboard.press("Control+z");
  await page.getByText(/points chosen$/).waitFor({ state: "detached" });
});

test("points of the latent space are reached and chosen by keyboard, and read out", async () => {
  const latent = page.locator('[data-view="latent-space"]');
  await diagram().click({ position: await cellCentre(7, 3) });
  const { points } = source.latent();
  const x = (point: number): number => points[2 * (59 * 500 + point)] ?? NaN;
  const live = page.locator('[aria-live="polite"]');
  const spoken = async (): Promise<number> => {
    const text = (await live.textContent()) ?? "";
    const match = /^Point (\d+) of member 59(?:, chosen)?: first latent unit .+, reconstruction error [\d.]/.exec(text);
    assert.ok(match, text);
    return Number(match[1]);
  };
  await latent.press("ArrowRight");
  const start = await spoken();
  await latent.press("ArrowRight");
  const next = await spoken();
  assert.ok(x(next) > x(start), `${x(next)} is not to the right of ${x(start)}`);
  assert.equal(await latent.locator("circle").count(), 2); // the cursor's ring and its rim
  await latent.press("Enter");
  await latent.press("ArrowLeft");
  await latent.press("Shift+ArrowLeft");
  await latent.press("Shift+ArrowLeft");
  const choice = await page.evaluate(() => (globalThis as unknown as FigurePage).figures[0]?.payload.selection);
  assert.deepEqual(choice?.members, [59]);
  assert.equal(choice.points?.[0], next);
  assert.equal(choice.points.length, 3);
  await latent.press("Control+z"); // both steps with Shift
  await page.getByText("1 point chosen", { exact: true }).waitFor();
});

test("figures of one ensemble on a page share selection, undo and redo", async () => {
  const other = phaseDiagramOf(source).payload;
  const position = await cellCentre(7, 3);
  await page.evaluate((payload) => (globalThis as unknown as FigurePage).mountFigure(payload), other);
  await diagram().first().click({ position });
  await details().nth(1).getByText("Member 59").waitFor();
  await page.getByLabel("Undo selection").nth(1).click();
  await page.waitForFunction(() => {
    const { figures } = globalThis as unknown as FigurePage;
    return figures.every(({ payload }) => payload.selection.members.length === 0);
  });
});

test("the menu exports an image, a drawing and a table", async () => {
  for (const [item, signature] of [
    ["Image (PNG)", "\u0089PNG"],
    ["Drawing (SVG)", "<svg "],
    ["Table (CSV)", "member,state,learningRate"],
  ] as const) {
    await page.getByLabel("Export figure").click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: item }).click(),
    ]);
    const content = await readFile(await download.path(), "latin1");
    assert.ok(content.startsWith(signature) && content.length > 2000, `${item}: ${content.slice(0, 40)}`);
  }
});

test("a page of its own shows the figure without a server or a network, and can be explored", async () => {
  const folder = await mkdtemp(join(tmpdir(), "phasebook-page-"));
  const file = join(folder, "figure.html");
  await sampleFigure(source).toHTML(file);
  assert.ok(!(await readFile(file, "utf8")).includes("file://"), "no path of this machine");
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(`file://${file}`);
  await diagram().click({ position: { x: 150, y: 100 } });
  await details()
    .getByText(/^Member \d+ \(finished\)$/)
    .waitFor();
  assert.deepEqual(
    requests.filter((url) => /^https?:/.test(url)),
    [],
  );
  await rm(folder, { recursive: true });
});

/** Has the run go on to its fortieth step, and waits until the page shows that. */
async function advance(): Promise<void> {
  source.advance(40);
  const arrays = encodeLive(source, [{ type: "curves", metric: "loss" }], inlineSink);
  await page.evaluate(
    ([replaced, progress]) => (globalThis as unknown as FigurePage).figures[0]?.update(replaced, progress),
    [arrays, source.progress] as const,
  );
  await page.getByText("step 40 of 1,000").waitFor();
}

test("live updates keep the selection and the keyboard's place", async () => {
  await diagram().click({ position: await cellCentre(7, 3) });
  await diagram().focus();
  const before = await pixel(diagram(), await cellCentre(0, 0));
  await advance();
  assert.match(await details().innerText(), /Member 59 \(running\)/);
  assert.equal(await page.locator('[role="progressbar"]').getAttribute("aria-valuenow"), "4");
  assert.notDeepEqual(await pixel(diagram(), await cellCentre(0, 0)), before);
  assert.deepEqual(await selected(), [[59]]);
  const focused = await diagram().evaluate(
    (panel) => (globalThis as unknown as { document: { activeElement: unknown } }).document.activeElement === panel,
  );
  assert.ok(focused);
});

test("an update that leaves the points as they were does not draw them again", async () => {
  const latent = page.locator('[data-view="latent-space"]');
  const stain = { x: 2, y: 2 };
  await latent.locator("canvas").evaluate((canvas) => {
    type Context = { fillStyle: string; fillRect(x: number, y: number, w: number, h: number): void };
    const context = (canvas as unknown as { getContext: (kind: string) => Context }).getContext("2d");
    context.fillStyle = "rgb(1 2 3)";
    context.fillRect(0, 0, 9, 9);
  });
  await advance();
  assert.deepEqual(await pixel(latent, stain), [1, 2, 3]);
  await diagram().click({ position: await cellCentre(7, 3) });
  await page.getByText("Latent space of member 59").waitFor();
  assert.deepEqual(await pixel(latent, stain), [0, 0, 0]);
});

test("a page asks for the next update later where processors are few", async () => {
  const wait = async (processors: number): Promise<number> => {
    const other = await browser.newPage();
    await other.addInitScript(`Object.defineProperty(navigator, "hardwareConcurrency", { value: ${processors} })`);
    await openFigure(other, server.url, phaseDiagramOf(source).payload);
    const waits = await other.evaluate(async (progress) => {
      const here = globalThis as unknown as FigurePage & { requestAnimationFrame(f: () => void): void };
      const drawnAfter = (count: number) =>
        new Promise<void>((resolve) => {
          const look = () => (here.drawn > count ? resolve() : here.requestAnimationFrame(look));
          look();
        });
      const times = [];
      await drawnAfter(0);
      for (let i = 0; i < 7; i++) {
        const [count, start] = [here.drawn, performance.now()];
        here.figures[0]?.update({}, progress);
        await drawnAfter(count);
        times.push(performance.now() - start);
      }
      return times.sort((a, b) => a - b);
    }, source.progress);
    await other.close();
    return waits[3] ?? NaN;
  };
  const [few, many] = [await wait(2), await wait(64)];
  assert.ok(few > 3 * many, `${few} ms with 2 processors, ${many} with 64`);
});

test("a slider goes through a training; a moved picture stays where it is when points come", async () => {
  const training = new SampleEnsemble("training");
  const shown = latentSpace(training, () => ({ points: training.latent(50).points }));
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  for (const step of [200, 500]) {
    training.advance(step);
    await turn();
  }
  await openFigure(page, server.url, shown.payload);
  const slider = page.getByRole("slider", { name: "training step" });
  assert.equal(await slider.getAttribute("aria-valuetext"), "latest");
  await slider.press("Home");
  await drawn();
  assert.equal(await slider.getAttribute("aria-valuetext"), "200");
  const payload = () => page.evaluate(() => (globalThis as unknown as FigurePage).figures[0]?.payload.views[0]);
  assert.equal(((await payload()) as { frame?: number }).frame, 0);

  // Two moves between two pictures, as a fast hand makes them: the last one counts.
  await slider.evaluate((input) => {
    const moved = input as unknown as { valueAsNumber: number; dispatchEvent(event: Event): void };
    for (const at of [1, 2, 1]) {
      moved.valueAsNumber = at;
      moved.dispatchEvent(new Event("input"));
    }
  });
  await drawn();
  assert.equal(await slider.getAttribute("aria-valuetext"), "500");
  for (const key of ["ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowLeft"]) await slider.press(key);
  await drawn();
  assert.equal(await slider.getAttribute("aria-valuetext"), "200");

  const latent = page.locator('[data-view="latent-space"]');
  const axes = () => latent.locator(".phasebook-frame").innerHTML();
  await latent.press("+");
  await drawn();
  const before = await axes();
  training.advance(1000);
  await shown.complete();
  const wider = shown.payload;
  shown.setLatent({ points: Float32Array.from(training.latent(50).points, (x) => 9 * x) });
  for (const replaced of [wider, shown.payload]) {
    await page.evaluate((news) => (globalThis as unknown as FigurePage).figures[0]?.replace(news), replaced);
    await drawn();
    assert.equal(await slider.getAttribute("aria-valuetext"), "200", "the slider stays");
    assert.ok((await axes()) === before, "the axes have moved");
  }
  await latent.press("0");
  await drawn();
  assert.notEqual(await axes(), before);
  await slider.press("End");
  await drawn();
  assert.equal(await slider.getAttribute("aria-valuetext"), "latest");
});

test("a selection from elsewhere is shown, without telling it back", async () => {
  await page.evaluate(() => (globalThis as unknown as FigurePage).figures[0]?.select({ members: [17] }));
  await page.getByText("Latent space of member 17").waitFor();
  assert.deepEqual(await selected(), []);
  await page.getByLabel("Undo selection").click();
  assert.deepEqual(await selected(), [[]]);
});

test("a widget's state has at once what was chosen last, and where sliders are, also where writing it takes long", async () => {
  const members = grid({ mass: [100, 200], seed: [0, 1], coupling: [0.5, 1] });
  const { payload } = phaseDiagram(
    measurements(members, { metrics: { width: Array.from({ length: 8 }, (_, member) => member) } }),
    { x: "mass", y: "seed", color: "width" },
  );
  const states = await page.evaluate(`(async () => {
    const { default: widget } = await import("/dist/views/dom/figure-widget.js");
    let payload = ${JSON.stringify(payload)};
    let [view, hear] = [];
    const model = {
      get: () => payload,
      set: (_, value) => {
        payload = value;
        for (const end = performance.now() + 50; performance.now() < end;);
      },
      send: (content) => ({ view } = content),
      on: (event, listener) => event === "msg:custom" && (hear = listener),
      off: () => {},
    };
    const host = document.querySelector("main");
    host.replaceChildren();
    const end = widget.render({ model, el: host });
    let slider;
    while (!(slider = host.querySelector("input[type=range]"))) await new Promise(requestAnimationFrame);
    const states = [4, 5].map((member, index) => {
      hear({ view, message: { type: "select", selection: { members: [member] } } }, []);
      slider.value = String(index === 0 ? 1 : 0);
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      return [payload.selection.members, payload.views[0].slices];
    });
    end();
    return states;
  })()`);
  const at = (member: number, index: number) => [[member], [{ column: "coupling", index }]];
  assert.deepEqual(states, [at(4, 1), at(5, 0)]);
});

test("nothing moves by itself, also when the wish for less motion comes while a figure is open", async () => {
  await page.evaluate(`globalThis.moved = [];
    const note = ({ type, target }) => target.closest(".phasebook-probe") ?? moved.push(type + " of " + target.className);
    for (const type of ["transitionrun", "animationstart"]) document.addEventListener(type, note, true);
    for (const way of ["animate", "scrollTo", "scrollBy", "scrollIntoView"]) {
      const own = Element.prototype[way];
      Element.prototype[way] = function (...options) {
        if (way === "animate" || JSON.stringify(options).includes("smooth")) moved.push(way + " of " + this.className);
        return own.apply(this, options);
      };
    }`);
  const moved = () =>
    page.evaluate(`const styles = [...document.querySelectorAll(".phasebook-figure, .phasebook-figure *:not(.phasebook-probe)")].map((one) => getComputedStyle(one));
      const lasts = ({ transitionDuration, animationName, scrollBehavior }) =>
        transitionDuration !== "0s" || animationName !== "none" || scrollBehavior === "smooth";
      [...moved, ...styles.filter(lasts).map((style) => style.transition + " " + style.animation)];`);
  const use = async () => {
    await diagram().click({ position: await cellCentre(7, 3) });
    await curves().hover({ position: { x: 150, y: 150 } });
    await page.getByLabel("Export figure").click();
    await page.keyboard.press("Escape");
    await page.getByLabel("Undo selection").click();
    source.advance(source.progress.step === 1000 ? 500 : 1000);
    const arrays = encodeLive(source, [{ type: "curves", metric: "loss" }], inlineSink);
    await page.evaluate(
      ([replaced, progress]) => (globalThis as unknown as FigurePage).figures[0]?.update(replaced, progress),
      [arrays, source.progress] as const,
    );
    await drawn();
  };
  for (const reducedMotion of ["no-preference", "reduce"] as const) {
    await page.emulateMedia({ reducedMotion });
    await use();
    assert.deepEqual(await moved(), [], reducedMotion);
  }
});

test("a change of the theme repaints canvases and axes at once", async () => {
  const gap = await cellCentre(11, 5);
  assert.deepEqual(await pixel(diagram(), { x: gap.x + 8, y: gap.y - 8 }), [239, 241, 244]);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForFunction(() => (globalThis as unknown as FigurePage).drawn > 1);
  assert.deepEqual(await pixel(diagram(), { x: gap.x + 8, y: gap.y - 8 }), [33, 38, 45]);
});

test("a narrow page stacks the views, and nothing sticks out", async () => {
  await page.setViewportSize({ width: 380, height: 900 });
  await drawn();
  const boxes = await page
    .locator(".phasebook-panel")
    .evaluateAll((panels) =>
      panels.map((panel) =>
        (
          panel as unknown as { getBoundingClientRect(): { x: number; y: number; right: number } }
        ).getBoundingClientRect(),
      ),
    );
  assert.equal(new Set(boxes.map((box) => Math.round(box.x))).size, 1);
  assert.ok(boxes.every((box) => box.right <= 380));
  const texts = await page
    .locator(".phasebook-frame text")
    .evaluateAll((nodes) =>
      nodes.map((node) =>
        (node as unknown as { getBoundingClientRect(): { left: number; right: number } }).getBoundingClientRect(),
      ),
    );
  assert.ok(texts.every((box) => box.left >= 0 && box.right <= 380));
});

test("text of a payload is never markup, and the static picture is well-formed", async () => {
  const hostile = `<img src=x onerror="globalThis.hacked=1">]]>&amp;\u0000"'`;
  const shown = sampleFigure(source);
  shown.select([3]);
  const payload = { ...shown.payload, title: hostile };
  payload.columns = payload.columns.map((column) => ({ ...column, label: hostile }));
  await openFigure(page, server.url, payload);
  assert.ok((await page.locator(".phasebook-title").textContent())?.startsWith("<img src=x"));
  const { toSVG } = await import("../../views/to-svg.js");
  const parsed = await page.evaluate((xml) => {
    type Parsed = {
      querySelectorAll(s: string): { length: number };
      querySelector(s: string): { textContent: string } | null;
    };
    const { DOMParser } = globalThis as unknown as {
      DOMParser: new () => { parseFromString(t: string, m: string): Parsed };
    };
    const document = new DOMParser().parseFromString(xml, "image/svg+xml");
    return {
      error: document.querySelector("parsererror")?.textContent,
      images: document.querySelectorAll("img, script").length,
      title: document.querySelector("title")?.textContent,
    };
  }, toSVG(payload));
  assert.deepEqual(parsed, { error: undefined, images: 0, title: hostile.replace("\u0000", "") });
  assert.equal(await page.evaluate(() => Reflect.get(globalThis, "hacked") as unknown), undefined);
});

test("an update that does not fit is refused and leaves the figure as it was", async () => {
  const sink = new BufferSink();
  const arrays = encodeLive(source, [], sink);
  const message = await page.evaluate(
    ([replaced, progress]) => {
      try {
        (globalThis as unknown as FigurePage).figures[0]?.update(replaced, progress);
      } catch (error) {
        return (error as Error).message;
      }
      return undefined;
    },
    [arrays, source.progress] as const,
  );
  assert.match(message ?? "", /needs 96 bytes for its shape, but has none/);
  await diagram().click({ position: await cellCentre(7, 3) });
  assert.deepEqual(await selected(), [[59]]);
});
