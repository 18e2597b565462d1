/** How all views look, light and dark: no serious finding of axe-core, and the pictures in `pictures/`. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { gallery } from "../figures/gallery.js";
import { seriousFindings } from "../support/accessibility.js";
import { launchBrowser } from "../support/browser.js";
import { fromRoot } from "../support/paths.js";
import { openFigure, serveFigurePage } from "./page.js";

/** Writes the pictures anew instead of comparing with them. */
const WRITE = process.env["PHASEBOOK_WRITE_PICTURES"] !== undefined;
/** Part of a picture's pixels that may differ, by more than a shade of the edge of a letter. */
const TOLERANCE = 0.003;

/** The same browser and the same fonts on every machine, and nothing that a graphics card decides. */
const ARGUMENTS = ["--disable-accelerated-2d-canvas", "--disable-lcd-text", "--font-render-hinting=none"];
const FONT = '.phasebook-figure, .phasebook-figure * { font-family: "Open Sans" !important }';

let browser: Browser;
let server: Awaited<ReturnType<typeof serveFigurePage>>;
let page: Page;

before(async () => {
  [browser, server] = await Promise.all([launchBrowser({ searchPath: "", args: ARGUMENTS }), serveFigurePage()]);
  page = await browser.newPage({ viewport: { width: 440, height: 900 }, reducedMotion: "reduce" });
});

after(async () => {
  await browser.close();
  server.stop();
});

for (const [name, shown] of Object.entries(await gallery())) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`${name}, ${colorScheme}`, async () => {
      await page.emulateMedia({ colorScheme });
      await openFigure(page, server.url, shown.payload);
      await page.addStyleTag({ content: FONT });
      assert.deepEqual(await seriousFindings(page, "main"), []);
      await page.evaluate(AFTER_TWO_FRAMES);
      await compareWithPicture(`${name}-${colorScheme}`, await page.locator("main").screenshot());
    });
  }
}

const AFTER_TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";

async function compareWithPicture(name: string, screenshot: Buffer): Promise<void> {
  const file = fromRoot(`tests/views/pictures/${name}.png`);
  if (WRITE) return writeFile(file, screenshot);
  assert.ok(existsSync(file), `No ${file}: PHASEBOOK_WRITE_PICTURES=1 writes it; look at it before you keep it.`);
  const difference = await share([screenshot, await readFile(file)].map((bytes) => bytes.toString("base64")));
  assert.ok(difference <= TOLERANCE, `${(100 * difference).toFixed(2)} % of the pixels are not those of ${file}`);
}

/** The share of pixels that differ between two pictures; 1 when their sizes do. The browser itself decodes them. */
function share(pictures: string[]): Promise<number> {
  return page.evaluate(async ([first = "", second = ""]) => {
    interface Picture {
      width: number;
      height: number;
      data: Uint8ClampedArray;
    }
    const decode = (globalThis as unknown as { pixelsOf(base64: string): Promise<Picture> }).pixelsOf;
    const [a, b] = await Promise.all([decode(first), decode(second)]);
    if (a.width !== b.width || a.height !== b.height) return 1;
    let different = 0;
    for (let at = 0; at < a.data.length; at += 4) {
      const channels = [0, 1, 2].map((channel) => Math.abs((a.data[at + channel] ?? 0) - (b.data[at + channel] ?? 0)));
      if (Math.max(...channels) > 48) different += 1;
    }
    return different / (a.width * a.height);
  }, pictures);
}
