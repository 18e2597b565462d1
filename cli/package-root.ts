import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Folder of this package, where package.json lies. */
export const packageRoot = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");

/** Version of this package. */
export const packageVersion = versionOf(`${packageRoot}/package.json`);

/** The `version` in a package.json. */
export function versionOf(manifestPath: string): string {
  const manifest: unknown = JSON.parse(readFileSync(manifestPath, "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";
}
