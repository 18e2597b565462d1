import { inRoot } from "./paths.mjs";

const ENTRY = "dist/views/dom/figure-widget";

/** Puts what draws figures in a browser into one module, which figures carry to front ends that do not have it. */
export async function bundleFigureWidget() {
  const { build, stop } = await import("esbuild");
  await build({
    entryPoints: [inRoot(`${ENTRY}.js`)],
    outfile: inRoot(`${ENTRY}.bundle.js`),
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "eof",
    logLevel: "silent",
  });
  await stop();
}
