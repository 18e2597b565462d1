import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Executables called node on the path, and those that PHASEBOOK_TEST_NODES lists, by their version. */
export function installedNodes(): Map<string, string> {
  const { PATH = "", PHASEBOOK_TEST_NODES = "" } = process.env;
  const onPath = PATH.split(delimiter).map((folder) => join(folder, "node"));
  const candidates = [process.execPath, ...PHASEBOOK_TEST_NODES.split(delimiter), ...onPath];
  const nodes = new Map<string, string>();
  for (const path of candidates.filter((candidate) => candidate !== "" && existsSync(candidate))) {
    const version = execFileSync(path, ["--version"], { encoding: "utf8" }).trim();
    if (!nodes.has(version)) nodes.set(version, path);
  }
  return nodes;
}
