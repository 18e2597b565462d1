/**
 * Local TypeScript and JSON files as modules. Their URL carries a hash of the file and of the local files it imports,
 * so that an import after an edit loads the new text, and without an edit the module that is there.
 */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

interface Source {
  /** Time of change and size: as long as they stay, the text is not read again. */
  stamp: string;
  javascript: string;
  dependencies: string[];
}

const VERSION_QUERY = "?v=";
const COMPILED = /\.(ts|tsx|mts|json)$/;
const SUFFIXES = ["", ".ts", ".tsx", ".mts", ".json", "/index.ts"];
const sources = new Map<string, Source>();

/** The TypeScript or JSON file that an import of this path means; undefined if Node's own rules shall decide. */
export function findLocalSource(path: string): string | undefined {
  if (path.split(sep).includes("node_modules")) return undefined;
  const found = isFile(path) ? path : SUFFIXES.map((suffix) => path + suffix).find(isFile);
  if (found !== undefined) return COMPILED.test(found) ? found : undefined;
  // TypeScript's convention: the import names the file that the compiler will write.
  const written = path.replace(/\.(m?)js$/, ".$1ts");
  return written !== path && isFile(written) ? written : undefined;
}

/** The module's URL, different after each edit of the file or of a local file that it imports. */
export async function versionedUrl(path: string): Promise<string> {
  const hash = createHash("sha256");
  const seen = new Set<string>();
  const visit = async (file: string): Promise<void> => {
    if (seen.has(file)) return;
    seen.add(file);
    const { stamp, dependencies } = await readSource(file);
    hash.update(file + stamp);
    for (const dependency of dependencies) await visit(dependency);
  };
  await visit(path);
  return `${pathToFileURL(path).href}${VERSION_QUERY}${hash.digest("hex").slice(0, 8)}`;
}

/** The JavaScript of a URL made by {@link versionedUrl}; undefined for others. */
export async function loadLocalSource(url: string): Promise<string | undefined> {
  const query = url.indexOf(VERSION_QUERY);
  if (!url.startsWith("file:") || query < 0) return undefined;
  const path = fileURLToPath(url.slice(0, query));
  return COMPILED.test(path) ? (await readSource(path)).javascript : undefined;
}

async function readSource(path: string): Promise<Source> {
  const { mtimeMs, size } = statSync(path);
  const stamp = `${mtimeMs}:${size}`;
  const known = sources.get(path);
  if (known?.stamp === stamp) return known;
  const { javascript, imports } = await compile(path, readFileSync(path, "utf8"));
  const dependencies = imports
    .filter((specifier) => /^\.{1,2}\//.test(specifier))
    .map((specifier) => findLocalSource(resolve(dirname(path), specifier)))
    .filter((dependency) => dependency !== undefined);
  const source = { stamp, javascript, dependencies };
  sources.set(path, source);
  return source;
}

async function compile(path: string, text: string): Promise<{ javascript: string; imports: string[] }> {
  if (path.endsWith(".json")) return { javascript: `export default ${text}`, imports: [] };
  // TypeScript is loaded with the first such file, not with the first import.
  const { compileModule } = await import("../cell/compile-module.js");
  return compileModule(path, text);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
