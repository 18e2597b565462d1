/** The `tsconfig.json` beside the notebook. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type TypeScript from "typescript";
import type { EmitOptions } from "./transpile.js";
import { ts } from "./typescript.js";

/** The folder's compiler options, with what they extend; none if there is no such file. Parents are not searched. */
export function readTsconfig(folder: string): TypeScript.CompilerOptions {
  const path = join(folder, "tsconfig.json");
  if (!existsSync(path)) return {};
  const config: unknown = ts.readConfigFile(path, ts.sys.readFile).config;
  return ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, folder).options;
}

/** Those of the options that change a cell's JavaScript. */
export function emitOptions(options: TypeScript.CompilerOptions): EmitOptions {
  const emit: EmitOptions = {};
  for (const name of EMIT_OPTIONS) if (options[name] !== undefined) Object.assign(emit, { [name]: options[name] });
  return emit;
}

const EMIT_OPTIONS: readonly (keyof EmitOptions)[] = [
  "jsx",
  "jsxFactory",
  "jsxFragmentFactory",
  "jsxImportSource",
  "experimentalDecorators",
  "emitDecoratorMetadata",
  "useDefineForClassFields",
];

/** The files that an import may mean by the options `paths` and `baseUrl`, best first. */
export function mappedPaths(
  specifier: string,
  folder: string,
  { paths = {}, baseUrl }: TypeScript.CompilerOptions,
): string[] {
  const root = baseUrl ?? folder;
  // As the compiler: a pattern without a star first, then the one with the longest text before it.
  const patterns = Object.keys(paths).sort((a, b) => prefixOf(b).length - prefixOf(a).length);
  const pattern =
    patterns.find((candidate) => candidate === specifier) ?? patterns.find((p) => starOf(p, specifier) !== undefined);
  if (pattern === undefined) return baseUrl === undefined ? [] : [resolve(root, specifier)];
  const star = starOf(pattern, specifier) ?? "";
  return (paths[pattern] ?? []).map((target) => resolve(root, target.replace("*", star)));
}

function prefixOf(pattern: string): string {
  return pattern.split("*", 1)[0] ?? "";
}

/** What a pattern's star stands for in a specifier; undefined where the pattern does not match. */
function starOf(pattern: string, specifier: string): string | undefined {
  const [prefix = "", suffix] = pattern.split("*");
  if (suffix === undefined || specifier.length < prefix.length + suffix.length) return undefined;
  const matches = specifier.startsWith(prefix) && specifier.endsWith(suffix);
  return matches ? specifier.slice(prefix.length, specifier.length - suffix.length) : undefined;
}
