import { createServer, type Server } from "node:http";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { extname, normalize } from "node:path";
import type { Page } from "playwright-core";
import type { EncodedArray, FigurePayload, Progress } from "../../src/protocol.js";
import { fromRoot } from "../support/paths.js";

/** What the test page offers to tests, on `globalThis` in the browser. */
export interface FigurePage {
  /** Mounts a figure into a new element; its callbacks' calls are collected. */
  mountFigure(payload: FigurePayload): void;
  figures: {
    readonly payload: FigurePayload;
    update(arrays: Record<string, EncodedArray>, progress: Progress): void;
    replace(payload: FigurePayload): void;
    select(selection: { members: number[] }): void;
    note(message: string): void;
    dispose(): void;
  }[];
  selected: number[][];
  drawn: number;
}

const D3 = ["array", "color", "format", "interpolate", "scale", "scale-chromatic", "time", "time-format"];

/** Where the browser finds the packages that Node finds by their names. */
const IMPORTS = Object.fromEntries(
  [...D3.map((name) => `d3-${name}`), "internmap"].map((name) => {
    const path = fileURLToPath(import.meta.resolve(name));
    return [name, path.slice(path.lastIndexOf("/node_modules/"))];
  }),
);

const HTML = `<!doctype html><html lang="en"><meta charset="utf-8"><title>figures</title>
<style>:root { color-scheme: light dark } body { margin: 8px; background: light-dark(#fff, #0d1117) }</style>
<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script><main></main>
<script type="module">
  import { mount } from "/dist/views/dom/mount.js";
  import { SelectionHistory } from "/dist/views/selection.js";
  const selections = new Map();
  const selectionOf = (ensemble) => {
    if (!selections.has(ensemble)) selections.set(ensemble, new SelectionHistory());
    return selections.get(ensemble);
  };
  globalThis.selected = [];
  globalThis.drawn = 0;
  globalThis.figures = [];
  globalThis.mountFigure = (payload) => {
    const host = document.querySelector("main").appendChild(document.createElement("div"));
    figures.push(mount(payload, host, {
      onSelect: (selection) => selected.push(selection.members),
      onDrawn: () => (globalThis.drawn += 1),
    }, { selectionOf }));
  };
  globalThis.pixelsOf = async (base64) => {
    const bitmap = await createImageBitmap(await (await fetch("data:image/png;base64," + base64)).blob());
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, bitmap.width, bitmap.height);
  };
  document.documentElement.dataset.ready = "";
</script></html>`;

const TYPES: Record<string, string> = { ".js": "text/javascript", ".mjs": "text/javascript" };

/** Serves the page and the compiled views, on a free loopback port. */
export async function serveFigurePage(): Promise<{ url: string; stop(): void }> {
  const server: Server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    const allowed = ["/dist/", "/node_modules/", "/bench/widget/"].some((folder) => path.startsWith(folder));
    const body =
      path === "/"
        ? Promise.resolve(HTML)
        : allowed
          ? readFile(fromRoot(`.${path}`))
          : Promise.reject(new Error(`${path} is not served`));
    body.then(
      (content) => response.setHeader("content-type", TYPES[extname(path)] ?? "text/html").end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, stop: () => server.close() };
}

/** Opens the page and mounts a figure; resolves once it is drawn. */
export async function openFigure(page: Page, url: string, payload: FigurePayload): Promise<void> {
  await page.goto(url);
  await page.waitForSelector("html[data-ready]", { state: "attached" });
  await page.evaluate((mounted) => (globalThis as unknown as FigurePage).mountFigure(mounted), payload);
  await page.waitForFunction(() => (globalThis as unknown as FigurePage).drawn > 0);
}
