/** Imports of cells: resolved from the notebook's folder, ES modules and CommonJS alike. */
import { builtinModules, createRequire, register } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compileFunction, constants } from "node:vm";
import type { CellObject } from "./cell-object.js";
import type { ImportRulesOptions } from "./import-rules.js";
import { hasOwnCopy, isPhasebook } from "./own-copy.js";
import { registerSynchronousHooks } from "./synchronous-hooks.js";
import * as tslab from "./tslab.js";

type RawImport = (specifier: string, options?: ImportCallOptions) => Promise<object>;

export type Imports = Pick<CellObject, "import" | "bindings" | "meta"> & { require: NodeJS.Require; filename: string };

/**
 * @param folder The notebook's folder.
 * @param packageRoot The folder of the package phasebook, found when the notebook's folder has none of its own.
 */
export function createImports(folder: string, packageRoot: string): Imports {
  const filename = join(folder, "notebook.ts");
  const rawImport = importFrom(filename);
  const importOwn = importFrom(join(packageRoot, "package.json"));
  const url = pathToFileURL(filename).href;
  let hooked = false;
  const registerHooks = (): void => {
    hooked = true;
    const data: ImportRulesOptions = {
      packageRoot: pathToFileURL(`${packageRoot}/`).href,
      tslab: new URL("./tslab.js", import.meta.url).href,
      folder,
    };
    if (!registerSynchronousHooks(data)) register("./module-hooks.js", { parentURL: import.meta.url, data });
  };
  const load: RawImport = async (specifier, options) => {
    const caller = callerStack();
    // Where the hooks have a thread, it is asked twice for each file that is loaded, and the library has hundreds: it is loaded
    // before them. Others come after them; they cost 50 ms that a cell without imports need not wait for.
    const early = !hooked && isPhasebook(specifier);
    if (!early && !hooked && !builtinModules.includes(specifier.replace(/^node:/, ""))) registerHooks();
    try {
      return await (early && !hasOwnCopy(specifier, url) ? importOwn : rawImport)(specifier, options);
    } catch (error) {
      throw explain(error, specifier, folder, caller);
    }
  };
  return {
    filename,
    require: explainingRequire(createRequire(url), createRequire(join(packageRoot, "package.json")), folder),
    meta: {
      url,
      filename,
      dirname: folder,
      resolve: (specifier: string) => pathToFileURL(createRequire(url).resolve(specifier)).href,
    },
    import: load,
    bindings: async (specifier, options, names) => {
      const caller = callerStack();
      const module = withDefaultProperties(await load(specifier, options));
      const missing = names.find((name) => !(name in module));
      if (missing === undefined) return module;
      throw placed(new SyntaxError(`The module "${specifier}" has no export named "${missing}".`), caller);
    },
  };
}

/** `import()` as a file of that name has it. */
const importFrom = (filename: string): RawImport =>
  compileFunction("return import(specifier, options)", ["specifier", "options"], {
    filename,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER as never,
  }) as RawImport;

/** Named imports of CommonJS modules whose exports Node's scan did not find. */
function withDefaultProperties(module: object): object {
  const { default: exports } = module as { default?: unknown };
  if (exports === null || (typeof exports !== "object" && typeof exports !== "function") || !isCommonJs(module))
    return module;
  return new Proxy(module, {
    has: (target, key) => key in target || key in exports,
    get: (target, key) => (key in target ? Reflect.get(target, key) : Reflect.get(exports, key)) as unknown,
  });
}

function isCommonJs(module: object): boolean {
  return (
    "module.exports" in module ||
    Object.keys(module).every((key) => key === "default" || key in (module as { default: object }).default)
  );
}

/** The frames of the cell that called; the caller is lost once the import has been awaited. */
function callerStack(): string {
  const { stack = "" } = new Error();
  return stack.slice(stack.indexOf("\n") + 1);
}

function placed<Failure extends Error>(error: Failure, caller: string): Failure {
  error.stack = `${error.name}: ${error.message}\n${caller}`;
  return error;
}

/** @param packageRequire Finds the package phasebook, from its own folder. */
function explainingRequire(require: NodeJS.Require, packageRequire: NodeJS.Require, folder: string): NodeJS.Require {
  const explaining = (specifier: string): unknown => {
    if (specifier === "tslab") return tslab;
    try {
      return require(specifier) as unknown;
    } catch (error) {
      if (specifier === "phasebook" && isMissing(error)) return packageRequire(specifier) as unknown;
      throw explain(error, specifier, folder, callerStack());
    }
  };
  return Object.assign(explaining, require);
}

function isMissing(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "ERR_MODULE_NOT_FOUND" || error.code === "MODULE_NOT_FOUND";
}

/** A missing package is told with the folder and the command that installs it; other errors stay as they are. */
function explain(error: unknown, specifier: string, folder: string, caller: string): unknown {
  if (!(error instanceof Error)) return error;
  if (error.message.includes("NODE_MODULE_VERSION")) return explainBinary(error);
  if (!isMissing(error)) return error;
  if (/^(\.{0,2}\/|file:)/.test(specifier)) {
    return error.message.includes(specifier.replace(/^\.\//, ""))
      ? placed(new ModuleNotFoundError(`Cannot find "${specifier}" from the notebook's folder ${folder}.`), caller)
      : error;
  }
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  if (!error.message.includes(`'${name}'`) && !error.message.includes(`'${specifier}'`)) return error;
  return placed(
    new ModuleNotFoundError(
      `Cannot find the package "${name}" from ${folder}. To install it there, run: npm install ${name}`,
    ),
    caller,
  );
}

/** A package with compiled code was installed by another Node than the one that runs cells. */
function explainBinary(error: Error): Error {
  error.message += `\nCells run on Node ${process.versions.node} (${process.execPath}). To run them on the Node that installed the package, start Jupyter with the environment variable PHASEBOOK_NODE set to its path.`;
  return error;
}

class ModuleNotFoundError extends Error {
  override readonly name = "ModuleNotFoundError";
}
