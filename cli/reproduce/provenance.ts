import { readdir, readFile } from "node:fs/promises";
import { cpus, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { engines } from "../../src/engines/index.js";
import { nodeBinaries } from "../../kernel/node-binaries.js";
import { capture } from "../capture.js";
import { sha256 } from "../notebooks/notebook.js";
import { packageVersion } from "../package-root.js";

/** Where numbers come from. */
export interface Provenance {
  readonly phasebook: string;
  /** Commit of the checkout; undefined where the package was installed without one. */
  readonly commit: string | undefined;
  /** Whether files of the checkout differ from the commit. */
  readonly dirty: boolean | undefined;
  /** SHA-256 of package-lock.json, where there is one. */
  readonly lockfile: string | undefined;
  /** SHA-256 of the data that notebooks read, by file name. */
  readonly data: Readonly<Record<string, string>>;
  readonly machine: { cpu: string; cores: number; memoryGB: number; system: string };
  readonly node: { command: string; cells: string };
  readonly engine: { name: string; precision: string; description: string };
}

/** @throws {RangeError} when there is no such engine */
export async function provenanceOf(packageRoot: string, dataFolder: string, engineName?: string): Promise<Provenance> {
  const git = (...args: string[]) => capture("git", ["-C", packageRoot, ...args]);
  // A package that was installed into someone's checkout is not theirs.
  const isCheckout = (await git("rev-parse", "--show-cdup")) === "";
  const [commit, status] = isCheckout ? [await git("rev-parse", "HEAD"), await git("status", "--porcelain")] : [];
  const [processor] = cpus();
  return {
    phasebook: packageVersion,
    commit,
    dirty: status === undefined ? undefined : status !== "",
    lockfile: await digestOf(join(packageRoot, "package-lock.json")),
    data: await digestsIn(dataFolder),
    machine: {
      cpu: processor?.model ?? "unknown",
      cores: cpus().length,
      memoryGB: Math.round(totalmem() / 2 ** 30),
      system: `${platform()} ${release()}`,
    },
    node: { command: process.versions.node, cells: nodeBinaries(packageRoot)[0].version ?? "of PHASEBOOK_NODE" },
    engine: await engineOf(engineName),
  };
}

async function engineOf(name = process.env["PHASEBOOK_ENGINE"]): Promise<Provenance["engine"]> {
  const all = await engines();
  const found = name ? all.find((engine) => engine.name === name) : all[0];
  if (found) return found;
  throw new RangeError(`There is no engine "${name}". Engines: ${all.map((engine) => engine.name).join(", ")}.`);
}

async function digestsIn(folder: string): Promise<Record<string, string>> {
  const files = await readdir(folder).catch(() => []);
  const digests = await Promise.all(files.map(async (file) => [file, await digestOf(join(folder, file))] as const));
  return Object.fromEntries(digests.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}

const digestOf = (path: string): Promise<string | undefined> => readFile(path).then(sha256, () => undefined);
