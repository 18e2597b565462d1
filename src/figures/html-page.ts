import type { FigurePayload } from "../protocol.js";
import { BUNDLE } from "./bundle.js";

/** What this file needs of Node; only it writes files. */
interface Files {
  readFile(path: object, encoding: "utf8"): Promise<string>;
  writeFile(path: string, text: string): Promise<void>;
}
declare const URL: new (address: string) => object;

/** A name that the compiler does not look up: this room knows no types of Node. */
const NODE_FILES: string = "node:fs/promises";

/** Writes a page that holds the figure, the program that draws it, and for readers without scripts its picture. */
export async function writeFigurePage(file: string, payload: FigurePayload, picture: string): Promise<void> {
  const files = (await import(NODE_FILES)) as Files;
  await files.writeFile(file, page(payload, picture, await files.readFile(new URL(BUNDLE), "utf8")));
}

/** Text that may stand inside a script element. */
const inScript = (value: unknown): string => JSON.stringify(value).replace(/</g, "\\u003c");

function page(payload: FigurePayload, picture: string, program: string): string {
  const title = (payload.title ?? "Phasebook figure").replace(/[<&]/g, "");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
  :root { color-scheme: light dark }
  body { margin: 16px; background: light-dark(#fff, #0d1117) }
</style>
<main></main>
<noscript>${picture}</noscript>
<script>
  const program = new Blob([${inScript(program)}], { type: "text/javascript" });
  const payload = ${inScript(payload)};
  import(URL.createObjectURL(program)).then(({ mount }) => mount(payload, document.querySelector("main")));
</script>
</html>
`;
}
