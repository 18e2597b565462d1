import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { grid } from "../../src/ensemble/index.js";
import { type Figure, curves, measurements } from "../../src/figures/index.js";
import { launchBrowser } from "../support/browser.js";
import { legibleOn } from "../../views/contrast.js";
import { liesApart } from "../../views/crowding.js";
import { OKABE_ITO, type PaletteName, paletteColors } from "../../views/palette.js";
import { openFigure, serveFigurePage } from "./page.js";

type Channels = [number, number, number];

/** The contrast of two colours by axe-core's own account. */
function contrast(a: Channels, b: Channels): number {
  const { Color, getContrast } = (axe as unknown as { commons: { color: AxeColors } }).commons.color;
  return getContrast(new Color(...a, 1), new Color(...b, 1));
}
interface AxeColors {
  Color: new (red: number, green: number, blue: number, alpha: number) => object;
  getContrast(background: object, foreground: object): number;
}

const channels = (color: string): Channels =>
  (color.startsWith("#")
    ? [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16))
    : (color.match(/\d+/g) ?? []).map(Number)) as Channels;

const SURFACES = {
  white: "#ffffff",
  "JupyterLab's dark": "rgb(17, 17, 17)",
  "GitHub's dark": "#0d1117",
  grey: "#808080",
};

for (const [name, surface] of Object.entries(SURFACES)) {
  test(`every colour of a palette has a contrast of 3 : 1 on ${name}, also half transparent`, () => {
    const behind = channels(surface);
    const colors = [...OKABE_ITO, ...(["viridis", "cividis", "magma"] satisfies PaletteName[]).flatMap(paletteColors)];
    for (const opacity of [1, 0.675]) {
      for (const color of colors) {
        const legible = channels(legibleOn(color, surface, opacity));
        const seen = behind.map((value, at) => value + opacity * (legible[at]! - value)) as Channels;
        const extreme = legible.every((value) => value === legible[0]) && [0, 255].includes(legible[0]);
        assert.ok(contrast(behind, seen) > 2.98 || extreme, `${color} as ${legible.join()} at ${opacity}`);
      }
    }
  });
}

test("a colour that can be seen stays as it is, and one in an unknown form, too", () => {
  assert.equal(legibleOn("#949494", "#ffffff"), "#949494"); // 3.03 : 1
  assert.notEqual(legibleOn("#969696", "#ffffff"), "#969696");
  assert.equal(legibleOn("#969696", "color(srgb 1 1 1)"), legibleOn("#969696", "rgb(255, 255, 255)"));
  assert.equal(legibleOn("rebeccapurple", "#663399"), "rebeccapurple");
  assert.equal(legibleOn("#663399", "var(--surface)"), "#663399");
});

let browser: Browser;
let server: Awaited<ReturnType<typeof serveFigurePage>>;
let page: Page;

before(async () => {
  [browser, server] = await Promise.all([launchBrowser(), serveFigurePage()]);
  page = await browser.newPage({ viewport: { width: 700, height: 500 } });
});

after(async () => {
  await browser.close();
  server.stop();
});

/** Horizontal lines, at the ends and in the middle of the palette or of categories. */
function lines(categories?: string[]): Figure {
  const members = grid({ kind: [0, 1, 2] });
  const growth = { steps: [1, 10, 100], values: [1, 1, 1, 2, 2, 2, 3, 3, 3] };
  const source = measurements(members, { curves: { growth }, ...(categories && { categories: { kind: categories } }) });
  return curves(source, { metric: "growth", color: "kind", yScale: "linear" });
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const [kind, shown] of Object.entries({ values: lines(), categories: lines(["a", "b", "c"]) })) {
    test(`three curves, coloured by ${kind}, stand out from the page, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme });
      await openFigure(page, server.url, shown.payload);
      const drawn = await page.locator("canvas").evaluate(solidPixels);
      assert.ok(drawn.length >= 3, `${drawn.length} colours`);
      const behind: Channels = colorScheme === "light" ? [255, 255, 255] : [13, 17, 23];
      for (const color of drawn) assert.ok(contrast(behind, color) > 2.95, `${color.join()} on ${behind.join()}`);
    });
  }
}

/** Level curves, each of which lies elsewhere between two rows of pixels. */
function level(count: number): Figure {
  const values = Array.from({ length: count }, (_, line) => [line, line, line]).flat();
  const source = measurements(grid({ line: Array.from({ length: count }, (_, line) => line) }), {
    curves: { growth: { steps: [1, 2, 3], values } },
  });
  return curves(source, { metric: "growth", color: "line", xScale: "linear", yScale: "linear" });
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const count of [13, 37]) {
    test(`each of ${count} thin curves stands out from the page, wherever it lies between pixels, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme });
      await openFigure(page, server.url, level(count).payload);
      const behind: Channels = colorScheme === "light" ? [255, 255, 255] : [13, 17, 23];
      const strongest = await page.locator("canvas").evaluate(strongestOfMiddle);
      assert.equal(strongest.length, count);
      for (const pixel of strongest) {
        const ratio = contrast(behind, over(behind, pixel));
        assert.ok(ratio > 2.95, `${ratio} : 1 of ${pixel.join()} on ${behind.join()}`);
      }
    });
  }
}

/** A pixel with its opacity, as it is seen over what is behind it. */
const over = (behind: Channels, [red, green, blue, alpha]: number[]): Channels =>
  [red, green, blue].map((value, at) => behind[at]! + (alpha! / 255) * (value! - behind[at]!)) as Channels;

/** Of each piece of a canvas's middle column that is not empty, which is a line, the most opaque pixel. */
function strongestOfMiddle(canvas: unknown): number[][] {
  type Context = { getImageData(...box: number[]): { data: Uint8ClampedArray } };
  const { width, height, getContext } = canvas as { width: number; height: number; getContext(kind: string): Context };
  const { data } = getContext.call(canvas, "2d").getImageData(Math.round(width / 2), 0, 1, height);
  const strongest: number[][] = [];
  let inside = false;
  for (let y = 0; y < height; y++) {
    const pixel = [...data.slice(4 * y, 4 * y + 4)];
    if (pixel[3]! > 0 && (!inside || pixel[3]! > strongest.at(-1)![3]!))
      strongest.splice(inside ? -1 : Infinity, 1, pixel);
    inside = pixel[3]! > 0;
  }
  return strongest;
}

/** A bundle of curves that lie on one another, and below it one curve alone. */
function bundle(count: number): Figure {
  const steps = Array.from({ length: 40 }, (_, i) => i + 1);
  const height = (line: number, step: number) =>
    line === 0 ? -6 : Math.sin(step / 6 + line / count) + (line % 7) / 40;
  const values = Array.from({ length: count }, (_, line) => steps.map((step) => height(line, step))).flat();
  const source = measurements(grid({ line: Array.from({ length: count }, (_, line) => line) }), {
    curves: { growth: { steps, values } },
  });
  return curves(source, { metric: "growth", color: "line", xScale: "linear", yScale: "linear" });
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`of 300 curves the one that lies apart stands out from the page, and so do all together, ${colorScheme}`, async () => {
    await page.emulateMedia({ colorScheme });
    await openFigure(page, server.url, bundle(300).payload);
    const behind: Channels = colorScheme === "light" ? [255, 255, 255] : [13, 17, 23];
    // Rows of the canvas with a line from end to end: its strongest pixels, over what is behind them.
    const rows = await page.locator("canvas").evaluate(darkestOfColumns);
    const [upper, lower] = rows.map((pixels) =>
      pixels.map((pixel) => contrast(behind, over(behind, pixel))).sort((a, b) => a - b),
    );
    for (const contrasts of [upper!, lower!]) {
      assert.ok(contrasts.length > 100, `${contrasts.length} columns`);
      // Even where a line lies between two rows of pixels and is spread over both.
      const median = contrasts[Math.floor(contrasts.length / 2)]!;
      assert.ok(median > 2.95, `${median} : 1`);
    }
  });
}

/** The most opaque pixel of each column of a canvas, of its upper two thirds and of its lower third. */
function darkestOfColumns(canvas: unknown): number[][][] {
  type Context = { getImageData(...box: number[]): { data: Uint8ClampedArray } };
  const { width, height, getContext } = canvas as { width: number; height: number; getContext(kind: string): Context };
  const { data } = getContext.call(canvas, "2d").getImageData(0, 0, width, height);
  return [
    [0, Math.round((2 * height) / 3)],
    [Math.round((2 * height) / 3), height],
  ].map(([from, to]) =>
    Array.from({ length: width }, (_, x) => {
      let best = [0, 0, 0, 0];
      for (let y = from!; y < to!; y++) {
        const pixel = [...data.slice(4 * (y * width + x), 4 * (y * width + x) + 4)];
        if (pixel[3]! > best[3]!) best = pixel;
      }
      return best;
    }).filter((pixel) => pixel[3]! > 0),
  );
}

test("curves lie apart where few others are near, whatever they do elsewhere", () => {
  const plot = { x: 0, y: 0, width: 100, height: 100 };
  const line = (...points: number[]) => Float32Array.from(points);
  const crowd = Array.from({ length: 5 }, (_, i) => line(0, 50 + i / 10, 100, 50 + i / 10));
  const others = [line(0, 10, 100, 10), line(0, 50, 50, 50, 100, 90), line(0, 50, 90, 50, 100, 60), line(NaN, NaN)];
  assert.deepEqual(liesApart([...crowd, ...others], plot).slice(5), [true, true, false, false]);
  assert.deepEqual(liesApart(crowd, plot), [false, false, false, false, false]);
});

/** The colours of which a canvas has a line's worth of opaque pixels. */
function solidPixels(canvas: unknown): Channels[] {
  type Context = { getImageData(...box: number[]): { data: Uint8ClampedArray } };
  const { width, height, getContext } = canvas as { width: number; height: number; getContext(kind: string): Context };
  const { data } = getContext.call(canvas, "2d").getImageData(0, 0, width, height);
  const counts = new Map<string, number>();
  for (let at = 0; at < data.length; at += 4) {
    const color = data.slice(at, at + 3).join();
    if (data[at + 3] === 255) counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 100).map(([color]) => color.split(",").map(Number) as Channels);
}
