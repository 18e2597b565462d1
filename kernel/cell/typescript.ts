/**
 * The TypeScript compiler, loaded fast: compiling its 9 MB takes 180 ms (500 ms when imported as an ES module, which
 * scans it for exports), 60 ms with V8's code cache, which is kept in the user's cache folder.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
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
  const cachePath = join(cacheFolder(), `typescript-${packageVersion(path)}-${process.version}-${process.arch}.bin`);
  const cachedData = readIfPresent(cachePath);
  const script = new Script(Module.wrap(readFileSync(path, "latin1")), { filename: path, cachedData });
  const module = { exports: {} as typeof TypeScript };
  const load = script.runInThisContext() as (...wrapped: unknown[]) => void;
  load.call(module.exports, module.exports, require, module, path, dirname(path));
  if (cachedData === undefined || script.cachedDataRejected === true) {
    setTimeout(() => writeCache(cachePath, script.createCachedData()), CACHE_DELAY).unref();
  }
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

function readIfPresent(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** Atomic, because kernels start side by side; a folder that cannot be written only costs the time. */
function writeCache(path: string, data: Buffer): void {
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
  const load = (path: string): Record<string, unknown> => {
    const { outputText } = ts.transpileModule(readFileSync(path, "utf8"), {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    const module = { exports: {} as Record<string, unknown> };
    const wrapped = new Script(Module.wrap(outputText), { filename: path }).runInThisContext() as (
      ...args: unknown[]
    ) => void;
    const resolve = (name: string): unknown =>
      name === "typescript" ? { __esModule: true, default: ts } : load(join(dirname(path), name));
    wrapped.call(module.exports, module.exports, resolve, module, path, dirname(path));
    return module.exports;
  };
  return load(entry).blankSourceFile as BlankSourceFile;
}
