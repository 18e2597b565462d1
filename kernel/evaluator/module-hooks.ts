/** Hooks of Node's module loader: "phasebook" from any folder, and local TypeScript files. */
import type { LoadHook, ResolveFnOutput, ResolveHook } from "node:module";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findLocalSource, loadLocalSource, versionedUrl } from "./local-sources.js";

let packageRoot = "";
let folder = "";

/** @param data URL of the folder of the package phasebook, and path of the notebook's folder. */
export function initialize(data: { packageRoot: string; folder: string }): void {
  ({ packageRoot, folder } = data);
}

export const resolve: ResolveHook = async (specifier, context, next) => {
  if (specifier === "phasebook" || specifier.startsWith("phasebook/")) {
    return next(specifier, hasOwnCopy(specifier, context.parentURL) ? context : { ...context, parentURL: packageRoot });
  }
  const isBare = !/^(\.{0,2}\/|file:)/.test(specifier);
  if (!isBare) {
    const path = findLocalSource(fileURLToPath(new URL(specifier, context.parentURL)));
    if (path !== undefined) return { url: await versionedUrl(path), format: "module", shortCircuit: true };
  }
  const mapped = isBare ? await mappedSource(specifier) : undefined;
  return mapped ?? next(specifier, context);
};

/** What the option `paths` of the tsconfig beside the notebook makes of an import. */
async function mappedSource(specifier: string): Promise<ResolveFnOutput | undefined> {
  if (specifier.startsWith("node:") || !existsSync(join(folder, "tsconfig.json"))) return undefined;
  const { mappedPaths, readTsconfig } = await import("../cell/tsconfig.js");
  for (const path of mappedPaths(specifier, folder, readTsconfig(folder))) {
    const source = findLocalSource(path);
    if (source !== undefined) return { url: await versionedUrl(source), format: "module", shortCircuit: true };
    if (existsSync(path)) return { url: pathToFileURL(path).href, shortCircuit: true };
  }
  return undefined;
}

export const load: LoadHook = async (url, context, next) => {
  const source = await loadLocalSource(url);
  return source === undefined ? next(url, context) : { format: "module", source, shortCircuit: true };
};

/** Whether the importing file finds a package phasebook by itself. */
function hasOwnCopy(specifier: string, parentURL: string | undefined): boolean {
  if (parentURL?.startsWith("file:") !== true) return false;
  const folders = createRequire(parentURL).resolve.paths(specifier) ?? [];
  return folders.some((folder) => existsSync(`${folder}/phasebook/package.json`));
}
