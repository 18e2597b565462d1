/** Figures beside plotly.js and jupyter-scatter, in one browser with WebGL in software. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { launchBrowser } from "../../tests/support/browser.js";
import { serveFigurePage } from "../../tests/views/page.js";
import { JUPYTER_SCATTER, peerProgram, scatterPython } from "../peers/environment.js";
import { type BenchResult, type Row, absent, lessIsBetter, median } from "../report.js";
import { liveFigures } from "./live.js";
import { POINTS, POINTS_IN_SPACE, SIDE, arrayOf, ball, cloud, diagram, landscape, space, spaceOf } from "./data.js";

/** Frames as fast as they are made, so that waiting for the screen is not measured. */
const ARGUMENTS = ["--disable-frame-rate-limit", "--disable-gpu-vsync"];
const FIRST_PICTURES = 5;
/** Milliseconds after which no further first picture begins. */
const FIRST_PICTURES_FOR = 20_000;
const UPDATES = 40;
const ZOOMS = 6;
const TURNS = 8;
const MODULE = "/bench/widget/contestants.mjs";

/** Milliseconds after which a peer counts as not done. */
const PATIENCE = 75_000;
/** Pixels of every figure, as the page lays them out. */
const SIZE = { width: 600, height: 360 };

/** Medians of milliseconds of one contestant; `wait` is the longest wait of input while it zooms and moves. */
interface SpaceTimings {
  first: number;
  zoom: number;
  wait: number;
}

/** @param only `pictures`, `space` or `live`; all when left out */
export async function widget(only: readonly string[]): Promise<BenchResult> {
  const wanted = (name: string): boolean => only.length === 0 || only.includes(name);
  const browser = await launchBrowser({ args: ARGUMENTS });
  const server = await serveFigurePage();
  const open = async (): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 700, height: 500 } });
    page.setDefaultTimeout(120_000);
    await page.goto(server.url);
    return page;
  };
  try {
    const pictures = wanted("pictures") ? [...(await diagrams(open)), ...(await spaces(open))] : [];
    const turned = wanted("space") ? await clouds(open) : [];
    const rows = [...pictures, ...turned, ...(wanted("live") ? await liveFigures() : [])];
    return {
      rows,
      versions: {
        chromium: browser.version(),
        "jupyter-scatter": JUPYTER_SCATTER.split("==")[1]!,
        ...versions("plotly.js-dist-min"),
      },
    };
  } finally {
    await browser.close();
    server.stop();
  }
}

async function diagrams(open: () => Promise<Page>): Promise<Row[]> {
  const figure = diagram();
  const rowsAt = (time: number) => {
    const values = [...landscape(time)];
    return Array.from({ length: SIDE }, (_, row) => values.slice(row * SIDE, (row + 1) * SIDE));
  };
  const ours = await timeDiagram(await open(), "Phasebook", figure, arrayOf(figure.payload, "loss"));
  const peer = await timeDiagram(await open(), "plotly heatmap", { rows: rowsAt(0) });
  const name = `phase diagram ${SIDE} × ${SIDE}`;
  return [
    lessIsBetter(name, "first picture, ms", ours.first, peer.first, "plotly heatmap"),
    lessIsBetter(name, "update, ms", ours.next, peer.next, "plotly heatmap"),
  ];
}

async function timeDiagram(
  page: Page,
  name: string,
  data: object,
  array = "",
): Promise<{ first: number; next: number }> {
  const first = await firstPicture(page, "phase diagram", name, data);
  const news = [0.1, 0.2, 0.3, 0.4].map((time) => [...landscape(time)]);
  const times = await page.evaluate(
    async ([module, frames, side, arrayName, count]) => {
      const { updates } = (await import(module)) as { updates(news: object[], count: number): Promise<number[]> };
      const prepared = frames.map((frame) => ({
        name: arrayName,
        values: Float64Array.from(frame),
        rows: Array.from({ length: side }, (_, row) => frame.slice(row * side, (row + 1) * side)),
      }));
      return updates(prepared, count);
    },
    [MODULE, news, SIDE, array, UPDATES] as const,
  );
  await page.close();
  return { first, next: median(times) };
}

async function spaces(open: () => Promise<Page>): Promise<Row[]> {
  const points = cloud();
  const encoded = [points.x, points.y, points.value].map(base64);
  const ours: Partial<SpaceTimings> = {};
  const own = await open();
  await timeSpace(own, "Phasebook", space(points), ours);
  await own.close();
  const peers: Record<string, () => object> = {
    "plotly scattergl": () => ({ encoded }),
    "jupyter-scatter": () => jupyterScatter(points),
  };
  const rows: Row[] = [];
  for (const [name, data] of Object.entries(peers)) {
    const theirs: Partial<SpaceTimings> = {};
    const page = await open();
    await Promise.race([timeSpace(page, name, data(), theirs), patience()]);
    await page.close();
    const scene = `latent space, ${POINTS / 1e6} million points`;
    rows.push(...METRICS.map(([key, metric]) => compared(scene, metric, ours[key]!, theirs[key], name)));
  }
  return rows;
}

/** Medians of milliseconds of one contestant; `longest` is the longest of any turn, `wait` that of input meanwhile. */
interface TurnTimings {
  first: number;
  turn: number;
  longest: number;
  wait: number;
}

/** Clouds in three dimensions, which are turned. */
async function clouds(open: () => Promise<Page>): Promise<Row[]> {
  const points = ball();
  const encoded = [points.x, points.y, points.z, points.value].map(base64);
  const timed = async (name: string, data: object): Promise<Partial<TurnTimings>> => {
    const timings: Partial<TurnTimings> = {};
    const page = await open();
    await Promise.race([timeTurns(page, name, data, timings), patience()]);
    await page.close();
    return timings;
  };
  const ours = await timed("Phasebook", spaceOf(points));
  const theirs = await timed("plotly scatter3d", { encoded });
  const name = `cloud in space, ${POINTS_IN_SPACE.toLocaleString("en")} points`;
  return TURN_METRICS.map(([key, metric]) => compared(name, metric, ours[key]!, theirs[key], "plotly scatter3d"));
}

const TURN_METRICS = [
  ["first", "first picture, ms"],
  ["turn", "turn by one step, ms"],
  ["longest", "longest turn by one step, ms"],
  ["wait", "longest wait of input while turning, ms"],
] as const;

/** Notes every turn, so that one who is slow has at least what it reached. */
async function timeTurns(page: Page, name: string, data: object, timings: Partial<TurnTimings>): Promise<void> {
  timings.first = await firstPicture(page, "cloud in space", name, data);
  await page.mouse.move(250, 200);
  await page.mouse.down();
  await page.evaluate(WATCH_INPUT, MODULE);
  const times: number[] = [];
  for (let i = 1; i <= TURNS; i++) {
    const start = performance.now();
    await page.mouse.move(250 + 8 * i, 200 + (i % 5));
    await page.evaluate(FINISHED, MODULE);
    times.push(performance.now() - start);
    const waits = await page.evaluate(() => (globalThis as unknown as { waits: number[] }).waits);
    Object.assign(timings, { turn: median(times), longest: Math.max(...times), wait: Math.max(...waits) });
  }
  await page.mouse.up();
}

const METRICS = [
  ["first", "first picture, ms"],
  ["zoom", "zoom step, ms"],
  ["wait", "longest wait of input while zooming and moving, ms"],
] as const;

function compared(name: string, metric: string, ours: number, theirs: number | undefined, peer: string): Row {
  return theirs === undefined
    ? absent(name, metric, ours, peer, `not done after ${PATIENCE / 1000} s`)
    : lessIsBetter(name, metric, ours, theirs, peer);
}

const patience = (): Promise<undefined> =>
  new Promise((resolve) => setTimeout(() => resolve(undefined), PATIENCE).unref());

/** What the widget of jupyter-scatter gets from its Python side, as a page of this server finds it. */
function jupyterScatter({ x, y, value }: ReturnType<typeof cloud>): {
  version: string;
  script: string;
  traits: object;
} {
  const folder = mkdtempSync(join(tmpdir(), "phasebook-bench-"));
  const file = join(folder, "points");
  writeFileSync(file, Buffer.concat([x, y, value].map(({ buffer }) => Buffer.from(buffer))));
  const command = [peerProgram("jupyter-scatter.py"), file, String(SIZE.width), String(SIZE.height)];
  const answer = execFileSync(scatterPython(), command, { encoding: "utf8", maxBuffer: 2 ** 30 });
  rmSync(folder, { recursive: true });
  const data = JSON.parse(answer) as ReturnType<typeof jupyterScatter>;
  return { ...data, script: data.script.slice(data.script.indexOf("/node_modules/")) };
}

/** Measures one after the other, so that what a slow contestant does not reach is left out. */
async function timeSpace(page: Page, name: string, data: object, timings: Partial<SpaceTimings>): Promise<void> {
  timings.first = await firstPicture(page, "latent space", name, data);
  await page.mouse.move(250, 200);
  const times: number[] = [];
  for (let i = 0; i < ZOOMS; i++) {
    const start = performance.now();
    await page.mouse.wheel(0, wheel(i));
    await page.evaluate(FINISHED, MODULE);
    times.push(performance.now() - start);
  }
  timings.zoom = median(times);
  await page.evaluate(WATCH_INPUT, MODULE);
  for (let i = 0; i < ZOOMS; i++) await page.mouse.wheel(0, wheel(i));
  // Alt moves the picture here; the others move it anyway.
  await page.keyboard.down("Alt");
  await page.mouse.down();
  for (let i = 0; i < ZOOMS; i++) await page.mouse.move(250 + (i % 2 ? 0 : 15), 200 + i);
  await page.mouse.up();
  await page.keyboard.up("Alt");
  await page.evaluate(FINISHED, MODULE);
  const waits = await page.evaluate(() => (globalThis as unknown as { waits: number[] }).waits);
  timings.wait = Math.max(...waits);
}

const wheel = (i: number): number => (i % 2 ? 40 : -40);

const FINISHED = async (module: string): Promise<void> => {
  const { finished } = (await import(module)) as { finished(): Promise<void> };
  // What a wheel asks for is drawn in the next frame, or the one after.
  await finished();
  await finished();
};

const WATCH_INPUT = async (module: string): Promise<void> => {
  const { watchInput } = (await import(module)) as { watchInput(): void };
  watchInput();
};

/** The median of first pictures, the very first included: what a page compiles on the way belongs to it. */
async function firstPicture(page: Page, test: string, name: string, data: object): Promise<number> {
  await page.evaluate(
    async ([module, ...rest]) => {
      const { prepare } = (await import(module)) as { prepare(...rest: unknown[]): Promise<void> };
      await prepare(...rest);
    },
    [MODULE, test, name, data] as const,
  );
  const times: number[] = [];
  const end = performance.now() + FIRST_PICTURES_FOR;
  while (times.length < FIRST_PICTURES && (times.length === 0 || performance.now() < end)) {
    times.push(
      await page.evaluate(async (module) => {
        const bench = (await import(module)) as { firstPicture(): Promise<number> };
        return bench.firstPicture();
      }, MODULE),
    );
  }
  return median(times);
}

const base64 = (values: Float32Array): string => Buffer.from(values.buffer).toString("base64");

const versions = (...names: string[]): Record<string, string> =>
  Object.fromEntries(
    names.map((name) => {
      const manifest = readFileSync(new URL(`../../../node_modules/${name}/package.json`, import.meta.url), "utf8");
      return [name, (JSON.parse(manifest) as { version: string }).version];
    }),
  );
