import type { FigurePayload } from "../protocol.js";

/** What this file needs of Node; only it writes files. */
interface Files {
  readFile(path: Address, encoding: "utf8"): Promise<string>;
  writeFile(path: string, text: string): Promise<void>;
}
interface Address {
  readonly href: string;
}
declare const URL: new (address: string, base?: Address | string) => Address;
const here = import.meta as unknown as { url: string; resolve(specifier: string): string };

/** A name that the compiler does not look up: this room knows no types of Node. */
const NODE_FILES: string = "node:fs/promises";
const ENTRY = new URL("../../views/dom/mount.js", here.url);
const IMPORT = /(\b(?:from|import)\s*\(?\s*)(["'])([^"'\n]+)\2/g;

/** Writes a page that holds the figure, the program that draws it, and for readers without scripts its picture. */
export async function writeFigurePage(file: string, payload: FigurePayload, picture: string): Promise<void> {
  const files = (await import(NODE_FILES)) as Files;
  await files.writeFile(file, page(payload, picture, await modulesFrom(ENTRY, files)));
}

/** The source of every module that the entry reaches, by URL, with its imports written as these URLs. */
async function modulesFrom(entry: Address, files: Files): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  const queue = [entry];
  for (const url of queue) {
    if (sources.has(url.href)) continue;
    const text = await files.readFile(url, "utf8");
    const source = text.replace(IMPORT, (whole, before: string, _quote: string, specifier: string) => {
      const target = /^\.\.?\//.test(specifier) ? new URL(specifier, url) : resolved(specifier);
      if (!target) return whole;
      queue.push(target);
      return `${before}"${target.href}"`;
    });
    sources.set(url.href, source.replace(/\n\/\/# sourceMappingURL=.*/, ""));
  }
  return sources;
}

/** The module of a package, by its name. */
const resolved = (specifier: string): Address | undefined =>
  /^[a-z@]/.test(specifier) ? new URL(here.resolve(specifier)) : undefined;

/** Text that may stand inside a script element. */
const inScript = (value: unknown): string => JSON.stringify(value).replace(/</g, "\\u003c");

function page(payload: FigurePayload, picture: string, modules: ReadonlyMap<string, string>): string {
  // Short names, so that the paths of this machine do not travel with the page.
  const names = new Map([...modules.keys()].map((url, index) => [url, `phasebook/${index}`]));
  const imports = [...modules].map(([url, source]) => {
    let text = source;
    for (const [other, name] of names) text = text.replaceAll(`"${other}"`, `"${name}"`);
    return [names.get(url), text] as const;
  });
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
  // Every module becomes an address of its own, under its name in an import map.
  const sources = ${inScript(Object.fromEntries(imports))};
  const address = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const imports = Object.fromEntries(Object.entries(sources).map(([name, text]) => [name, address(text)]));
  const map = document.createElement("script");
  map.type = "importmap";
  map.textContent = JSON.stringify({ imports });
  document.head.append(map);
  const payload = ${inScript(payload)};
  import("phasebook/0").then(({ mount }) => mount(payload, document.querySelector("main")));
</script>
</html>
`;
}
