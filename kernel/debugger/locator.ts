/** Where a cell or a file can pause. V8 tells that of the script that the text becomes, before the text runs. */
import { readFileSync, statSync } from "node:fs";
import type { CompiledCell, PositionMap } from "../link/messages.js";
import { originalPosition } from "../link/positions.js";
import type { CellFiles } from "./cell-files.js";
import { DebugError } from "./dap.js";
import { inlinePositions } from "./scripts.js";

export type Position = [line: number, column: number];

export interface FoundLocations {
  /** In the order of the text; lines and columns from 0. */
  locations: Position[];
  /** Version of the file; undefined for cells. */
  stamp: string | undefined;
}

export interface LocatorServices {
  /** Compiles a cell's text as it will be when it runs. */
  compile(code: string): Promise<CompiledCell>;
  /** The module that a file becomes, and where its functions begin that exist before it runs. */
  compileFile(path: string, text: string): Promise<{ javascript: string; cell: CompiledCell; hoisted: Position[] }>;
  /** Asks V8 where a script could pause. */
  breakLocations(script: string): Promise<Position[]>;
}

export class Locator {
  readonly #cells: CellFiles;
  readonly #services: LocatorServices;

  constructor(cells: CellFiles, services: LocatorServices) {
    this.#cells = cells;
    this.#services = services;
  }

  /** All places in a cell or file at which it can pause; rejects for what is not known, or is no TypeScript. */
  async locate(path: string): Promise<FoundLocations> {
    const code = this.#cells.code(path);
    if (code !== undefined) {
      const cell = await this.#services.compile(code);
      return { locations: await this.#originals(cell), stamp: undefined };
    }
    const stamp = this.stamp(path);
    if (stamp === undefined) throw new DebugError(`There is neither a cell nor a file ${path}.`);
    const { cell, hoisted } = await this.#services.compileFile(path, readFileSync(path, "utf8"));
    const isHoisted = new Set(hoisted.map(String));
    const locations = (await this.#originals(cell)).filter((location) => !isHoisted.has(String(location)));
    return { locations, stamp };
  }

  /** Where the text of a file is in the module that it becomes; undefined where that is the file itself. */
  async filePositions(path: string): Promise<PositionMap | undefined> {
    const { javascript } = await this.#services.compileFile(path, readFileSync(path, "utf8"));
    return inlinePositions(/\/\/# sourceMappingURL=(\S+)\s*$/.exec(javascript)?.[1]);
  }

  /** Changes when the file does; undefined if there is none. */
  stamp(path: string): string | undefined {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isFile() === true ? `${stat.mtimeMs}:${stat.size}` : undefined;
  }

  /** Where these positions are in a cell's script, exactly as V8 has them. */
  async compiled(cell: CompiledCell, positions: readonly Position[]): Promise<(Position | undefined)[]> {
    const pairs = await this.#pairs(cell);
    return positions.map((position) => pairs.find(({ original }) => String(original) === String(position))?.compiled);
  }

  async #originals(cell: CompiledCell): Promise<Position[]> {
    const lines = cell.source.split("\n").length;
    const originals = (await this.#pairs(cell)).map(({ original }) => original).filter(([line]) => line < lines);
    const unique = [...new Map(originals.map((position) => [String(position), position])).values()];
    return unique.sort(([line, column], [otherLine, otherColumn]) => line - otherLine || column - otherColumn);
  }

  async #pairs({ script, positions }: CompiledCell): Promise<{ compiled: Position; original: Position }[]> {
    const locations = await this.#services.breakLocations(script);
    return locations.map((compiled) => ({ compiled, original: originalPosition(positions, ...compiled) }));
  }
}
