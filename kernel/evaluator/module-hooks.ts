/** Hooks of Node's module loader: "phasebook" from any folder, and local TypeScript files. */
import type { LoadHook, ResolveHook } from "node:module";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { findLocalSource, loadLocalSource, versionedUrl } from "./local-sources.js";

let packageRoot = "";

export function initialize(data: { packageRoot: string }): void {
  packageRoot = data.packageRoot;
}

export const resolve: ResolveHook = async (specifier, context, next) => {
  if (specifier === "phasebook" || specifier.startsWith("phasebook/")) {
    return next(specifier, hasOwnCopy(specifier, context.parentURL) ? context : { ...context, parentURL: packageRoot });
  }
  if (/^(\.{0,2}\/|file:)/.test(specifier)) {
    const path = findLocalSource(fileURLToPath(new URL(specifier, context.parentURL)));
    if (path !== undefined) return { url: await versionedUrl(path), format: "module", shortCircuit: true };
  }
  return next(specifier, context);
};

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
