/** The scripts that V8 knows, in terms of cells and files. */
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Debugger } from "node:inspector";
import { decodeMappings } from "../link/source-map.js";
import type { PositionMap } from "../link/messages.js";
import { originalPosition } from "../link/positions.js";
import type { CellFiles } from "./cell-files.js";
import type { Source } from "./dap.js";

const INLINE_MAP = /^data:application\/json;(?:charset=utf-8;)?base64,/;
const VERSION_QUERY = /\?.*$/;

/** A script of the user: a cell, a local file or a package's module. */
export interface UserScript {
  source: Source;
  /** Undefined where the script is its source. */
  positions: PositionMap | undefined;
  /** Number of lines of a cell's script, behind which V8 puts the cell's end. */
  lines: number;
}

/** A place in a cell or file; line and column from 0. */
export interface Place {
  source: Source;
  line: number;
  column: number;
}

export class Scripts {
  readonly #cells: CellFiles;
  readonly #kernelFolder: string;
  readonly #scripts = new Map<string, UserScript>();

  /** @param kernelFolder URL of the compiled kernel, whose scripts are not the user's. */
  constructor(cells: CellFiles, kernelFolder: string) {
    this.#cells = cells;
    this.#kernelFolder = kernelFolder;
  }

  /** Regular expressions of the URLs that are stepped over. */
  get foreignPatterns(): string[] {
    return ["^node:", `^${escapeRegExp(this.#kernelFolder)}`];
  }

  add({ scriptId, url, sourceMapURL }: Debugger.ScriptParsedEventDataType): void {
    const script = this.#describe(url, sourceMapURL);
    if (script !== undefined) this.#scripts.set(scriptId, script);
  }

  clear(): void {
    this.#scripts.clear();
  }

  /** Where the user wrote what V8 has at a location; undefined for code that is not the user's, or behind a cell's end. */
  place({ scriptId, lineNumber, columnNumber = 0 }: Debugger.Location): Place | undefined {
    const script = this.#scripts.get(scriptId);
    if (script === undefined || lineNumber >= script.lines) return undefined;
    const { source, positions } = script;
    const [line, column] =
      positions === undefined ? [lineNumber, columnNumber] : originalPosition(positions, lineNumber, columnNumber);
    return { source, line, column };
  }

  /** The files that are loaded. */
  files(): Source[] {
    const files = [...this.#scripts.values()].filter(({ source }) => this.#cells.code(source.path) === undefined);
    return [...new Map(files.map(({ source }) => [source.path, source])).values()];
  }

  #describe(url: string, sourceMapURL: string | undefined): UserScript | undefined {
    const run = this.#cells.run(url);
    if (run !== undefined) {
      const { cell, path } = run;
      return { source: { name: cell.name, path }, positions: cell.positions, lines: lineCount(cell.script) };
    }
    if (!url.startsWith("file:") || url.startsWith(this.#kernelFolder)) return undefined;
    const path = fileURLToPath(url.replace(VERSION_QUERY, ""));
    return { source: { name: nameOf(path), path }, positions: inlinePositions(sourceMapURL), lines: Infinity };
  }
}

/** Regular expression of the URLs under which a file is loaded: each of its versions has its own. */
export function fileUrlPattern(path: string): string {
  return `^${escapeRegExp(pathToFileURL(path).href)}(\\?.*)?$`;
}

/** The positions of a source map in a `data:` URL. */
export function inlinePositions(sourceMapURL: string | undefined): PositionMap | undefined {
  const match = INLINE_MAP.exec(sourceMapURL ?? "");
  if (match === null || sourceMapURL === undefined) return undefined;
  const text = Buffer.from(sourceMapURL.slice(match[0].length), "base64").toString("utf8");
  return decodeMappings((JSON.parse(text) as { mappings: string }).mappings);
}

function nameOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

function lineCount(text: string): number {
  return text.split("\n").length;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
