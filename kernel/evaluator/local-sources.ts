/**
 * Local TypeScript and JSON files as modules. Their URL carries a hash of the file and of the local files it imports,
 * so that an import after an edit loads the new text, and without an edit the module that is there.
 */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { CompilerOptions } from "typescript";
import type * as FileCompiler from "./file-compiler.js";

interface Source {
  /** Time of change and size: as long as they stay, the text is not read again. */
  stamp: string;
  javascript: string;
  dependencies: string[];
}

const VERSION_QUERY = "?v=";
const COMPILED = /\.(ts|tsx|mts|json)$/;
const SUFFIXES = ["", ".ts", ".tsx", ".mts", ".json", "/index.ts"];

/** The TypeScript or JSON file that an import of this path means; undefined if Node's own rules shall decide. */
export function findLocalSource(path: string): string | undefined {
  if (path.split(sep).includes("node_modules")) return undefined;
  const found = isFile(path) ? path : SUFFIXES.map((suffix) => path + suffix).find(isFile);
  if (found !== undefined) return COMPILED.test(found) ? found : undefined;
  // TypeScript's convention: the import names the file that the compiler will write.
  const written = path.replace(/\.(m?)js$/, ".$1ts");
  return written !== path && isFile(written) ? written : undefined;
}

/** Local files as the loader needs them. */
export class LocalSources {
  readonly #folder: string;
  readonly #compiler: () => typeof FileCompiler;
  readonly #sources = new Map<string, Source>();
  #options: CompilerOptions | undefined;

  /**
   * @param folder The notebook's folder, whose tsconfig counts.
   * @param compiler Gives the compiler; not called before something {@link needsCompiler}.
   */
  constructor(folder: string, compiler: () => typeof FileCompiler) {
    this.#folder = folder;
    this.#compiler = compiler;
  }

  /** Whether the compiler is called for, with a file that an import means or to find it. */
  needsCompiler(specifier: string): boolean {
    if (!isAbsolute(specifier)) return this.#isMapped(specifier);
    return findLocalSource(specifier)?.endsWith(".json") === false;
  }

  /**
   * The file that an import means; undefined if Node's own rules shall decide.
   *
   * @param specifier Absolute path, or the name of a package or of what the option `paths` maps.
   */
  find(specifier: string): string | undefined {
    if (isAbsolute(specifier)) return findLocalSource(specifier);
    if (!this.#isMapped(specifier)) return undefined;
    const paths = this.#compiler().mappedPaths(specifier, this.#folder, this.#compilerOptions());
    return paths.map((path) => findLocalSource(path) ?? (isFile(path) ? path : undefined)).find(Boolean);
  }

  /** The module's URL, different after each edit of the file or of a local file that it imports. */
  versionedUrl(path: string): string {
    if (!COMPILED.test(path)) return pathToFileURL(path).href;
    const hash = createHash("sha256");
    const seen = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file) || !COMPILED.test(file)) return;
      seen.add(file);
      const { stamp, dependencies } = this.#read(file);
      hash.update(file + stamp);
      for (const dependency of dependencies) visit(dependency);
    };
    visit(path);
    return `${pathToFileURL(path).href}${VERSION_QUERY}${hash.digest("hex").slice(0, 8)}`;
  }

  /** The JavaScript of a URL made by {@link versionedUrl}; undefined for others. */
  load(url: string): string | undefined {
    const query = url.indexOf(VERSION_QUERY);
    if (!url.startsWith("file:") || query < 0) return undefined;
    const path = fileURLToPath(url.slice(0, query));
    return COMPILED.test(path) ? this.#read(path).javascript : undefined;
  }

  #read(path: string): Source {
    const { mtimeMs, size } = statSync(path);
    const stamp = `${mtimeMs}:${size}`;
    const known = this.#sources.get(path);
    if (known?.stamp === stamp) return known;
    const { javascript, imports } = this.#compile(path, readFileSync(path, "utf8"));
    const specifiers = imports.map((specifier) =>
      /^\.{1,2}\//.test(specifier) ? resolve(dirname(path), specifier) : specifier,
    );
    const found = specifiers.map((specifier) => this.find(specifier));
    const source = { stamp, javascript, dependencies: found.filter((dependency) => dependency !== undefined) };
    this.#sources.set(path, source);
    return source;
  }

  #compile(path: string, text: string): { javascript: string; imports: string[] } {
    if (path.endsWith(".json")) return { javascript: `export default ${text}`, imports: [] };
    const { compileModule, emitOptions } = this.#compiler();
    return compileModule(path, text, emitOptions(this.#compilerOptions()));
  }

  #compilerOptions(): CompilerOptions {
    return (this.#options ??= this.#compiler().readTsconfig(this.#folder));
  }

  /** Whether the tsconfig may say what a name means. */
  #isMapped(specifier: string): boolean {
    return !specifier.startsWith("node:") && isFile(join(this.#folder, "tsconfig.json"));
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
