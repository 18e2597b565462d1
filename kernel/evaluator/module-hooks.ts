/** Hooks of Node's module loader: "phasebook" from any folder, this kernel's "tslab", and local TypeScript files. */
import type { LoadHook, ResolveHook } from "node:module";
import { fileURLToPath } from "node:url";
import { LocalSources } from "./local-sources.js";
import { hasOwnCopy, isPhasebook } from "./own-copy.js";

let packageRoot = "";
let tslab = "";
let sources = new LocalSources("");

/** @param data URLs of the folder of the package phasebook and of the module tslab, and path of the notebook's folder. */
export function initialize(data: { packageRoot: string; folder: string; tslab: string }): void {
  packageRoot = data.packageRoot;
  tslab = data.tslab;
  sources = new LocalSources(data.folder);
}

export const resolve: ResolveHook = async (specifier, context, next) => {
  if (isPhasebook(specifier)) {
    return next(specifier, hasOwnCopy(specifier, context.parentURL) ? context : { ...context, parentURL: packageRoot });
  }
  // Also where the package is installed: it works in its own kernel only.
  if (specifier === "tslab") return { url: tslab, shortCircuit: true };
  const isPath = /^(\.{0,2}\/|file:)/.test(specifier);
  const path = await sources.find(isPath ? fileURLToPath(new URL(specifier, context.parentURL)) : specifier);
  return path === undefined ? next(specifier, context) : { url: await sources.versionedUrl(path), shortCircuit: true };
};

export const load: LoadHook = async (url, context, next) => {
  const source = await sources.load(url);
  return source === undefined ? next(url, context) : { format: "module", source, shortCircuit: true };
};
