/** Texts of figures: none sticks out of its picture or lies on another one, however long or many they are. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { crowded } from "../figures/crowded.js";
import { gallery } from "../figures/gallery.js";
import { launchBrowser } from "../support/browser.js";
import { openFigure, serveFigurePage } from "./page.js";

let browser: Browser;
let server: Awaited<ReturnType<typeof serveFigurePage>>;
let page: Page;

before(async () => {
  [browser, server] = await Promise.all([launchBrowser(), serveFigurePage()]);
  page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
});

after(async () => {
  await browser.close();
  server.stop();
});

const AFTER_TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";

const figures = { ...(await gallery()), crowded: crowded() };

for (const [name, shown] of Object.entries(figures)) {
  test(`${name} on pages of several widths`, async () => {
    await page.setViewportSize({ width: 1000, height: 900 });
    await openFigure(page, server.url, shown.payload);
    for (const width of [1000, 440, 300]) {
      await page.setViewportSize({ width, height: 4000 });
      await page.evaluate(AFTER_TWO_FRAMES);
      const panels = await page.locator(".phasebook-panel").evaluateAll(conflicts, ".phasebook-frame text");
      assert.deepEqual(panels.flat(), [], `${width} pixels wide`);
    }
  });

  test(`${name} as a static picture`, async () => {
    await page.setContent(shown.toSVG());
    assert.deepEqual((await page.locator("svg").evaluateAll(conflicts, "text")).flat(), []);
  });
}

/** Texts in each of the boxes that stick out of it or lie on one another. */
function conflicts(boxes: object[], selector: string): string[][] {
  interface Shape {
    textContent: string;
    getBoundingClientRect(): { left: number; right: number; top: number; bottom: number };
    querySelectorAll(selector: string): Iterable<Shape>;
  }
  return (boxes as Shape[]).map((box) => {
    const outer = box.getBoundingClientRect();
    const texts = [...box.querySelectorAll(selector)].map((node) => {
      const { left, right, top, bottom } = node.getBoundingClientRect();
      return { text: node.textContent, left, right, top: top + 2, bottom: bottom - 2 };
    });
    const out = texts.filter(
      ({ left, right, top, bottom }) =>
        left < outer.left - 1 || right > outer.right + 1 || top < outer.top - 1 || bottom > outer.bottom + 1,
    );
    const found = out.map(({ text }) => `"${text}" sticks out`);
    texts.forEach((a, i) =>
      texts.slice(i + 1).forEach((b) => {
        const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
        if (!apart) found.push(`"${a.text}" lies on "${b.text}"`);
      }),
    );
    return found;
  });
}
