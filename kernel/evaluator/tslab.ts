/** The module "tslab" that cells written for the kernel tslab 1.0 import: its display functions, in this kernel. */
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { publishDisplay } from "./publish.js";

/** Version of the package tslab whose functions these are. */
const VERSION = "1.0.22";

/** Shows representations of one MIME type as an output of the cell. */
export interface Display {
  javascript(source: string): void;
  html(source: string): void;
  markdown(source: string): void;
  latex(source: string): void;
  svg(source: string): void;
  png(bytes: Uint8Array): void;
  jpeg(bytes: Uint8Array): void;
  gif(bytes: Uint8Array): void;
  pdf(bytes: Uint8Array): void;
  text(text: string): void;
  raw(contentType: string, content: string | Uint8Array): void;
}

const typescript = createRequire(import.meta.url)("typescript/package.json") as { version: string };

export const versions = { tslab: VERSION, typescript: typescript.version, node: process.version };

const MIME_TYPES: Readonly<Record<Exclude<keyof Display, "raw">, string>> = {
  javascript: "text/javascript",
  html: "text/html",
  markdown: "text/markdown",
  latex: "text/latex",
  svg: "image/svg+xml",
  png: "image/png",
  jpeg: "image/jpeg",
  gif: "image/gif",
  pdf: "application/pdf",
  text: "text/plain",
};

/** Each call adds an output. */
export const display = createDisplay((bundle) => publishDisplay(bundle));

/** A display with one output, which each call replaces. */
export function newDisplay(): Display {
  const displayId = randomUUID();
  let update = false;
  return createDisplay((bundle) => {
    publishDisplay(bundle, { displayId, update });
    update = true;
  });
}

function createDisplay(show: (bundle: Record<string, string>) => void): Display {
  const raw = (contentType: string, content: string | Uint8Array): void =>
    show({ [contentType]: typeof content === "string" ? content : Buffer.from(content).toString("base64") });
  const methods = Object.entries(MIME_TYPES).map(([name, type]) => [
    name,
    (content: string | Uint8Array) => raw(type, content),
  ]);
  return { raw, ...Object.fromEntries(methods) } as Display;
}
