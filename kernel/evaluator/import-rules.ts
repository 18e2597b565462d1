/** What imports mean where it is not what Node says: "phasebook" from any folder, this kernel's "tslab", local TypeScript. */
import { fileURLToPath } from "node:url";
import type * as FileCompiler from "./file-compiler.js";
import { LocalSources } from "./local-sources.js";
import { hasOwnCopy, isPhasebook } from "./own-copy.js";

export interface ImportRulesOptions {
  /** URL of the folder of the package phasebook. */
  packageRoot: string;
  /** URL of the module tslab. */
  tslab: string;
  /** Path of the notebook's folder. */
  folder: string;
}

/** A module, or the file from which Node's own rules are to find it. */
export type Meaning = { url: string } | { parentURL: string };

export class ImportRules {
  readonly #options: ImportRulesOptions;
  readonly #sources: LocalSources;

  /** @param compiler Gives the compiler; called when it is needed, see {@link needsCompiler}. */
  constructor(options: ImportRulesOptions, compiler: () => typeof FileCompiler) {
    this.#options = options;
    this.#sources = new LocalSources(options.folder, compiler);
  }

  /** What an import in a file means; undefined if Node's own rules shall decide. */
  resolve(specifier: string, parentURL: string | undefined): Meaning | undefined {
    const { packageRoot, tslab } = this.#options;
    if (isPhasebook(specifier)) return hasOwnCopy(specifier, parentURL) ? undefined : { parentURL: packageRoot };
    // Also where the package is installed: it works in its own kernel only.
    if (specifier === "tslab") return { url: tslab };
    const path = this.#sources.find(toPath(specifier, parentURL));
    return path === undefined ? undefined : { url: this.#sources.versionedUrl(path) };
  }

  /** The JavaScript of a module that {@link resolve} has found; undefined for others. */
  load(url: string): string | undefined {
    return this.#sources.load(url);
  }

  /** Whether {@link resolve} asks for the compiler. */
  needsCompiler(specifier: string, parentURL: string | undefined): boolean {
    return (
      !isPhasebook(specifier) && specifier !== "tslab" && this.#sources.needsCompiler(toPath(specifier, parentURL))
    );
  }
}

/** The path that a specifier means, or the name that it is. */
function toPath(specifier: string, parentURL: string | undefined): string {
  return /^(\.{0,2}\/|file:)/.test(specifier) ? fileURLToPath(new URL(specifier, parentURL)) : specifier;
}
