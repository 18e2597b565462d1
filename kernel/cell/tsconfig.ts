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

/** The files that an import may mean by the option `paths`, best first; none where no pattern matches. */
export function mappedPaths(
  specifier: string,
  folder: string,
  { paths = {}, baseUrl }: TypeScript.CompilerOptions,
): string[] {
  for (const [pattern, targets] of Object.entries(paths)) {
    const [prefix = "", suffix] = pattern.split("*");
    const matches =
      suffix === undefined ? specifier === pattern : specifier.startsWith(prefix) && specifier.endsWith(suffix);
    if (!matches) continue;
    const star = suffix === undefined ? "" : specifier.slice(prefix.length, specifier.length - suffix.length);
    return targets.map((target) => resolve(baseUrl ?? folder, target.replace("*", star)));
  }
  return [];
}
