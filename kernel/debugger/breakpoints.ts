/** Breakpoints: what was asked for, where they are, and the inspector's own for each script that has them. */
import type { Debugger } from "node:inspector";
import type { InspectorLink } from "../front/inspector-link.js";
import type { CompiledCell } from "../link/messages.js";
import { translatedPosition } from "../link/positions.js";
import type { CellFiles, CellRun } from "./cell-files.js";
import type { Breakpoint, Source } from "./dap.js";
import type { Locator, Position } from "./locator.js";
import { fileUrlPattern } from "./scripts.js";

/** A breakpoint as a client asks for it; line and column from 1. */
export type SourceBreakpoint = { line: number; column?: number };

interface SourceState {
  requested: SourceBreakpoint[];
  positions: Position[];
  /** The inspector's ids, by the name of the run of a cell; of a file, by its path. */
  ids: Map<string, string[]>;
  /** Version of a file that the positions were found in. */
  stamp: string | undefined;
}

export class Breakpoints {
  readonly #inspector: InspectorLink;
  readonly #cells: CellFiles;
  readonly #locator: Locator;
  readonly #sources = new Map<string, SourceState>();

  constructor(inspector: InspectorLink, cells: CellFiles, locator: Locator) {
    this.#inspector = inspector;
    this.#cells = cells;
    this.#locator = locator;
  }

  /** Puts these in the place of all earlier ones of a cell or file, and tells where each is. */
  async set({ path, name }: Source, requested: SourceBreakpoint[]): Promise<Breakpoint[]> {
    await this.#remove(path);
    const source = { path, name };
    let found;
    try {
      found = await this.#locator.locate(path);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return requested.map(({ line }) => ({ verified: false, line, source, message }));
    }
    const places = requested.map((breakpoint) => firstFrom(found.locations, breakpoint));
    const positions = places.filter((place) => place !== undefined);
    if (positions.length > 0) {
      const state = { requested, positions, ids: new Map<string, string[]>(), stamp: found.stamp };
      this.#sources.set(path, state);
      await this.#apply(path, state);
    }
    return requested.map(({ line }, i) => {
      const place = places[i];
      if (place === undefined) return { verified: false, line, source, message: "No code at or after this line." };
      return { verified: true, line: place[0] + 1, column: place[1] + 1, source };
    });
  }

  /** Sets a cell's breakpoints in the script of an execution that is about to begin, and those of files that changed. */
  async prepare({ path, cell }: CellRun): Promise<void> {
    for (const [other, state] of this.#sources) {
      // The name may have been another cell's.
      if (state.ids.has(cell.name)) await this.#removeIds(state, cell.name);
      if (state.stamp !== undefined && this.#locator.stamp(other) !== state.stamp)
        await this.set({ path: other, name: other }, state.requested);
    }
    const state = this.#sources.get(path);
    if (state !== undefined) await this.#applyToCell(state, cell);
  }

  /** Sets all of them anew, in an evaluator that has none. */
  async restore(): Promise<void> {
    for (const [path, state] of this.#sources) {
      state.ids.clear();
      await this.#apply(path, state);
    }
  }

  /** Forgets all of them; the inspector has forgotten its own. */
  clear(): void {
    this.#sources.clear();
  }

  /** As `debugInfo` lists them. */
  list(): { source: string; breakpoints: { line: number }[] }[] {
    return [...this.#sources].map(([source, { positions }]) => ({
      source,
      breakpoints: positions.map(([line]) => ({ line: line + 1 })),
    }));
  }

  async #apply(path: string, state: SourceState): Promise<void> {
    if (this.#cells.code(path) !== undefined) {
      const runs = this.#cells.runsOf(path);
      await Promise.all(runs.map(({ cell }) => this.#applyToCell(state, cell)));
    } else {
      const compiled = await this.#locator.filePositions(path);
      const places = state.positions.map((place) =>
        compiled === undefined ? place : translatedPosition(compiled, ...place),
      );
      await this.#insert(state, path, { urlRegex: fileUrlPattern(path) }, places);
    }
  }

  async #applyToCell(state: SourceState, cell: CompiledCell): Promise<void> {
    await this.#insert(state, cell.name, { url: cell.name }, await this.#locator.compiled(cell, state.positions));
  }

  async #insert(
    state: SourceState,
    key: string,
    target: { url: string } | { urlRegex: string },
    places: (Position | undefined)[],
  ): Promise<void> {
    const unique = new Map(places.filter((place) => place !== undefined).map((place) => [place.join(), place]));
    const results = await Promise.all(
      [...unique.values()].map(([lineNumber, columnNumber]) =>
        this.#inspector.post<Debugger.SetBreakpointByUrlReturnType>("Debugger.setBreakpointByUrl", {
          ...target,
          lineNumber,
          columnNumber,
        }),
      ),
    );
    state.ids.set(key, [...(state.ids.get(key) ?? []), ...results.map(({ breakpointId }) => breakpointId)]);
  }

  async #remove(path: string): Promise<void> {
    const state = this.#sources.get(path);
    this.#sources.delete(path);
    if (state !== undefined) for (const key of [...state.ids.keys()]) await this.#removeIds(state, key);
  }

  async #removeIds({ ids }: SourceState, key: string): Promise<void> {
    const removed = ids.get(key) ?? [];
    ids.delete(key);
    await Promise.all(
      removed.map((breakpointId) => this.#inspector.post("Debugger.removeBreakpoint", { breakpointId })),
    );
  }
}

/** The first location at or after what was asked for. */
function firstFrom(locations: readonly Position[], { line, column = 1 }: SourceBreakpoint): Position | undefined {
  return locations.find(([l, c]) => l > line - 1 || (l === line - 1 && c >= column - 1));
}
