/** TypeScript's language service over the notebook's cells. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type TypeScript from "typescript";
import { readTsconfig } from "../cell/tsconfig.js";
import { ts } from "../cell/typescript.js";
import type { CellModules } from "./cell-modules.js";
import type { Gate } from "./gate.js";
import { GLOBALS } from "./globals.js";

/** Types of the module that cells find under the name "tslab". */
const TSLAB_TYPES = fileURLToPath(new URL("../evaluator/tslab.d.ts", import.meta.url));

/**
 * @param packageRoot Where "phasebook" and Node's types come from when the notebook's folder has none.
 * @param gate Passed for each file that is looked for, read or bound, and for larger parts of what is checked.
 */
export function createCellService(
  modules: CellModules,
  folder: string,
  packageRoot: string,
  gate: Gate,
): TypeScript.LanguageService {
  const options: TypeScript.CompilerOptions = {
    ...readOptions(folder, packageRoot),
    // Read for each file that is bound, which takes a tenth of a second for all of them.
    get target() {
      gate.pass();
      return ts.ScriptTarget.ESNext;
    },
  };
  const disk = new Map<string, { text: string | undefined; version: string }>();
  const globalsPath = join(folder, ".phasebook-globals.d.ts");
  const virtual = (path: string): string | undefined => (path === globalsPath ? GLOBALS : modules.text(path));
  const tslab = { resolvedFileName: TSLAB_TYPES, extension: ts.Extension.Dts, isExternalLibraryImport: true };
  let version = 0;
  const read = (path: string): { text: string | undefined; version: string } => {
    const modified = String(ts.sys.getModifiedTime?.(path)?.getTime() ?? 0);
    const known = disk.get(path);
    if (known?.version === modified) return known;
    const file = { text: ts.sys.readFile(path), version: modified };
    disk.set(path, file);
    return file;
  };
  const host: TypeScript.LanguageServiceHost = {
    getCompilationSettings: () => options,
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    // Always another, because files on the disk may have changed; their own versions tell which did.
    getProjectVersion: () => String(++version),
    getScriptFileNames: () => [globalsPath, ...modules.roots],
    getScriptVersion: (path) => modules.version(path)?.toString() ?? read(path).version,
    getScriptSnapshot: (path) => {
      gate.pass();
      const text = virtual(path) ?? read(path).text;
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    fileExists: (path) => {
      gate.pass();
      return virtual(path) !== undefined || ts.sys.fileExists(path);
    },
    readFile: (path) => virtual(path) ?? ts.sys.readFile(path),
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    getCancellationToken: () => ({
      isCancellationRequested: () => {
        gate.pass();
        return false;
      },
    }),
    realpath: ts.sys.realpath,
    resolveModuleNameLiterals: (literals, containingFile, redirected, settings) =>
      literals.map(({ text }) => {
        if (text === "tslab") return { resolvedModule: tslab };
        const own = ts.resolveModuleName(text, containingFile, settings, host, undefined, redirected);
        if (own.resolvedModule !== undefined || !/^phasebook(\/|$)/.test(text)) return own;
        return ts.resolveModuleName(text, join(packageRoot, "notebook.ts"), settings, host);
      }),
  };
  return ts.createLanguageService(host);
}

/** The options of the folder's `tsconfig.json`, as far as they do not concern writing files, over strict defaults. */
function readOptions(folder: string, packageRoot: string): TypeScript.CompilerOptions {
  return {
    strict: true,
    lib: ["lib.esnext.d.ts"],
    jsx: ts.JsxEmit.ReactJSX,
    types: ["node"],
    typeRoots: [join(folder, "node_modules/@types"), nodeTypesRoot(packageRoot)],
    ...readTsconfig(folder),
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    esModuleInterop: true,
    skipLibCheck: true,
    noEmit: true,
    isolatedModules: false,
    verbatimModuleSyntax: false,
    composite: false,
    incremental: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
  };
}

/** The folder that has the package `@types/node`, wherever npm put it for this package. */
function nodeTypesRoot(packageRoot: string): string {
  const path = createRequire(join(packageRoot, "package.json")).resolve("@types/node/package.json");
  return dirname(dirname(path));
}
