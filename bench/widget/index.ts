/** Figures beside plotly.js, in one browser with WebGL in software. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { launchBrowser } from "../../tests/support/browser.js";
import { serveFigurePage } from "../../tests/views/page.js";
import { type BenchResult, type Row, lessIsBetter, median } from "../report.js";
import { POINTS, SIDE, arrayOf, cloud, diagram, landscape, space } from "./data.js";

/** Frames as fast as they are made, so that waiting for the screen is not measured. */
const ARGUMENTS = ["--disable-frame-rate-limit", "--disable-gpu-vsync"];
const FIRST_PICTURES = 3;
const UPDATES = 40;
const ZOOMS = 6;
const MODULE = "/bench/widget/contestants.mjs";

/** Medians of milliseconds of one contestant; `block` is the longest task of the page while it zooms, not a median. */
interface Timings {
  first: number;
  next: number;
  block?: number;
}

export async function widget(): Promise<BenchResult> {
  const browser = await launchBrowser({ args: ARGUMENTS });
  const server = await serveFigurePage();
  const open = async (): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 700, height: 500 } });
    page.setDefaultTimeout(120_000);
    await page.goto(server.url);
    return page;
  };
  try {
    const rows = [...(await diagrams(open)), ...(await spaces(open))];
    return { rows, versions: { chromium: browser.version(), ...versions("plotly.js-dist-min") } };
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

async function timeDiagram(page: Page, name: string, data: object, array = ""): Promise<Timings> {
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
  const ours = await timeSpace(await open(), "Phasebook", space(points));
  const name = `latent space, ${POINTS / 1e6} million points`;
  const encoded = [points.x, points.y, points.value].map(base64);
  const peer = await timeSpace(await open(), "plotly scattergl", { encoded });
  return [
    lessIsBetter(name, "first picture, ms", ours.first, peer.first, "plotly scattergl"),
    lessIsBetter(name, "zoom step, ms", ours.next, peer.next, "plotly scattergl"),
    lessIsBetter(name, "longest block of input while zooming, ms", ours.block!, peer.block!, "plotly scattergl"),
  ];
}

async function timeSpace(page: Page, name: string, data: object): Promise<Timings> {
  const first = await firstPicture(page, "latent space", name, data);
  await page.evaluate(async (module) => {
    const { watchLongTasks } = (await import(module)) as { watchLongTasks(): void };
    watchLongTasks();
  }, MODULE);
  await page.mouse.move(250, 200);
  const times: number[] = [];
  for (let i = 0; i < ZOOMS; i++) {
    const start = performance.now();
    await page.mouse.wheel(0, i % 2 ? 40 : -40);
    await page.evaluate(async (module) => {
      const { painted } = (await import(module)) as { painted(): Promise<void> };
      await painted();
      await painted();
    }, MODULE);
    times.push(performance.now() - start);
  }
  const long = await page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks);
  await page.close();
  // Tasks of less than 50 ms are not reported.
  return { first, next: median(times), block: Math.max(50, ...long) };
}

/** The median of several first pictures, the first of all included: what it compiles on the way belongs to it. */
async function firstPicture(page: Page, test: string, name: string, data: object): Promise<number> {
  const times = await page.evaluate(
    async ([module, ...rest]) => {
      const { firstPictures } = (await import(module)) as { firstPictures(...rest: unknown[]): Promise<number[]> };
      return firstPictures(...rest);
    },
    [MODULE, test, name, data, FIRST_PICTURES] as const,
  );
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
