import { existsSync } from "node:fs";
import { createRequire } from "node:module";

/** Whether an import means the package phasebook, or a part of it. */
export const isPhasebook = (specifier: string): boolean =>
  specifier === "phasebook" || specifier.startsWith("phasebook/");

/** Whether the importing file finds a package phasebook by itself; else that of the kernel is meant. */
export function hasOwnCopy(specifier: string, parentURL: string | undefined): boolean {
  if (parentURL?.startsWith("file:") !== true) return false;
  const folders = createRequire(parentURL).resolve.paths(specifier) ?? [];
  return folders.some((folder) => existsSync(`${folder}/phasebook/package.json`));
}
