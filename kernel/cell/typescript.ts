/**
 * The TypeScript compiler, loaded fast: compiling its 9 MB takes 180 ms (500 ms when imported as an ES module, which
 * scans it for exports), 60 ms with V8's code cache, which is kept in the user's cache folder.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { Script } from "node:vm";
import type TypeScript from "typescript";

const require = createRequire(import.meta.url);
/** When the code cache is written, in milliseconds after loading: with the first cells' functions, out of their way. */
const CACHE_DELAY = 3000;

export const ts = loadTypeScript();

/** Blanks types in place: see the package ts-blank-space, which is loaded against the same compiler. */
export const blankSourceFile = loadBlankSpace();

function loadTypeScript(): typeof TypeScript {
  const path = require.resolve("typescript");
  const cacheName = `typescript-${packageVersion(path)}-${process.version}-${process.arch}.bin`;
  const cachedData = readCache(cacheName);
  const script = new Script(Module.wrap(readFileSync(path, "latin1")), { filename: path, cachedData });
  const exports = run(script, path, require) as typeof TypeScript;
  if (cachedData === undefined || script.cachedDataRejected === true) {
    setTimeout(() => writeCache(cacheName, script.createCachedData()), CACHE_DELAY).unref();
  }
  return exports;
}

/** Runs a CommonJS module and returns its exports. */
function run(script: Script, path: string, resolve: (name: string) => unknown): Record<string, unknown> {
  const module = { exports: {} };
  const load = script.runInThisContext() as (...wrapped: unknown[]) => void;
  load.call(module.exports, module.exports, resolve, module, path, dirname(path));
  return module.exports;
}

function packageVersion(entry: string): string {
  const { version } = JSON.parse(readFileSync(join(dirname(entry), "..", "package.json"), "utf8")) as {
    version: string;
  };
  return version;
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "phasebook");
}

function readCache(name: string): Buffer | undefined {
  try {
    return readFileSync(join(cacheFolder(), name));
  } catch {
    return undefined;
  }
}

/** Atomic, because kernels start side by side; a folder that cannot be written only costs the time. */
function writeCache(name: string, data: Buffer): void {
  const path = join(cacheFolder(), name);
  const temporary = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, data, { mode: 0o600 });
    renameSync(temporary, path);
  } catch {
    return;
  }
}

type BlankSourceFile = (source: TypeScript.SourceFile, onError?: (node: TypeScript.Node) => void) => string;

/** Its modules as CommonJS, so that their import of "typescript" is ours and not a second, slow one. */
function loadBlankSpace(): BlankSourceFile {
  const entry = require.resolve("ts-blank-space");
  const version = packageVersion(entry);
  const load = (path: string): Record<string, unknown> => {
    const script = new Script(Module.wrap(toCommonJs(path, version)), { filename: path });
    return run(script, path, (name) =>
      name === "typescript" ? { __esModule: true, default: ts } : load(join(dirname(path), name)),
    );
  };
  return load(entry).blankSourceFile as BlankSourceFile;
}

/** The module in CommonJS, kept in the cache because translating it takes 130 ms. */
function toCommonJs(path: string, version: string): string {
  const cacheName = `ts-blank-space-${version}-${basename(path)}`;
  const cached = readCache(cacheName);
  if (cached !== undefined) return cached.toString("utf8");
  const { outputText } = ts.transpileModule(readFileSync(path, "utf8"), {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  writeCache(cacheName, Buffer.from(outputText));
  return outputText;
}
