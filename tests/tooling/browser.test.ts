import assert from "node:assert/strict";
import { test } from "node:test";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../support/browser.js";

async function drawsWithWebGL(browser: Browser): Promise<boolean> {
  const page = await browser.newPage();
  await page.setContent("<canvas></canvas>");
  return page.evaluate(`document.querySelector("canvas").getContext("webgl2") !== null`);
}

test("the browser that ships inside npm starts without a system browser and has WebGL", async () => {
  const browser = await launchBrowser({ searchPath: "" });
  try {
    assert.equal(await drawsWithWebGL(browser), true);
  } finally {
    await browser.close();
  }
});

test("without any browser the error names both ways to get one", async () => {
  await assert.rejects(
    launchBrowser({
      searchPath: "",
      npmBrowser: () => Promise.reject(new Error("@sparticuz/chromium is not installed")),
    }),
    /No chromium.*\n.*@sparticuz\/chromium is not installed/,
  );
});
